;; The assertions of http_test.py, which starts the servers.
(ns http-client
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is run-tests testing]]
            [reops.http :as http]
            [reops.json :as json]))

(def port (System/getenv "HTTP_PORT"))
(def folder (System/getenv "FOLDER"))
(defn url [path] (str "http://127.0.0.1:" port path))
(defn secure [path] (str "https://localhost:" (System/getenv "HTTPS_PORT") path))
(defn echo [method options] (:body (http/request (merge {:method method :url (url "/echo") :as :json} options))))
(defn failure [f] (try (f) :no-error (catch Exception e (:type (ex-data e)))))

(deftest bodies
  (let [{:keys [status headers body]} (http/get (url "/text"))]
    (is (= [200 "grüße\n"] [status body]))
    (is (= ["1" "2"] (headers "x-twice")) "a header that comes twice is a vector"))
  (is (= (reops.bytes/bytes [0 -1 10]) (:body (http/get (url "/bytes") {:as :bytes}))))
  (is (= "" (:body (http/head (url "/text")))))
  (is (= "GET" (:method (:body (http/get (url "/echo") {:as :json})))))
  (testing "into a file"
    (let [path (str folder "/saved")]
      (is (= path (:body (http/get (url "/large") {:as {:file path}}))))
      (is (= 3000000 (count (slurp path))))
      (is (= :reops.http/reset (failure #(http/get (url "/cut") {:as {:file path}}))))
      (is (= 3000000 (count (slurp path))) "what was broken off replaces nothing")))
  (is (= :reops.http/too-large (failure #(http/get (url "/large") {:limit 1000}))))
  (testing "as a stream, while it comes"
    (with-open [body (:body (http/get (url "/slow-stream") {:as :stream}))]
      (let [lines (line-seq body)]
        (is (= "first" (first lines)))
        (http/get (url "/go-on"))
        (is (= ["first" "second"] lines))))
    (let [body (:body (http/get (url "/text") {:as :stream}))]
      (.close body)
      (is (thrown? Exception (slurp body))))))

(deftest requests
  (are [method f] (= method (:method (:body (f (url "/echo") {:as :json}))))
    "POST" http/post, "PUT" http/put, "DELETE" http/delete, "PATCH" http/patch)
  (is (= "q=a%20b&tag=1&tag=2" (:query (echo :get {:query {:q "a b" :tag [1 2] :gone nil}}))))
  (is (= "x=1&y=%C3%A4" (:query (echo :get {:url (url "/echo?x=1") :query {:y "ä"}}))))
  (let [{:keys [body headers]} (echo :post {:json {:a [1 "x"]}})]
    (is (= {"a" [1 "x"]} (json/read-string body)))
    (is (= "application/json" (:content-type headers))))
  (let [{:keys [body headers]} (echo :post {:form {:a "1 2" :b "&"}})]
    (is (= "a=1%202&b=%26" body))
    (is (= "application/x-www-form-urlencoded" (:content-type headers))))
  (is (= "text" (:body (echo :put {:body "text"}))))
  (is (= "\u0000\u00ff" (:body (echo :post {:body (reops.bytes/bytes [0 -1])}))))
  (spit (str folder "/up") "from a file")
  (is (= "from a file" (:body (echo :put {:body {:file (str folder "/up")}}))))
  (with-open [r (io/reader (str folder "/up"))]
    (is (= "from a file" (:body (echo :post {:body r})))))
  (let [{:keys [headers]} (echo :get {:headers {"X-One" "1" :x-two ["2"] :x-none nil}})]
    (is (= ["1" "2" nil] ((juxt :x-one :x-two :x-none) headers)))
    (is (= "reops" (:user-agent headers)))
    (is (nil? (:content-type headers))))
  (is (= "Basic dXNlcjpwYXNz" (:authorization (:headers (echo :get {:basic-auth ["user" "pass"]})))))
  (is (= "Bearer t0ken" (:authorization (:headers (echo :get {:bearer "t0ken"})))))
  (let [{:keys [authorization x-amz-security-token x-amz-date]}
        (:headers (echo :get {:aws {:region "eu-west-1" :service "ec2" :access-key "AKID" :secret-key "SECRET" :token "T"}}))]
    (is (re-find #"^AWS4-HMAC-SHA256 Credential=AKID/\d{8}/eu-west-1/ec2/aws4_request, SignedHeaders=.*, Signature=[0-9a-f]{64}$"
                 authorization))
    (is (= "T" x-amz-security-token))
    (is (re-matches #"\d{8}T\d{6}Z" x-amz-date))))

(deftest connections-are-kept
  (let [connections #(parse-long (:body (http/get (url "/connections"))))
        before (connections)]
    (dotimes [_ 10] (http/get (url "/text")))
    (is (= before (connections)))))

(deftest statuses
  (is (= 404 (:status (http/get (url "/nowhere")))))
  (is (= :reops.http/status (failure #(http/ok (http/get (url "/status?500"))))))
  (is (thrown-with-msg? Exception #"/status answered 500: status 500$" (http/ok (http/get (url "/status?500")))))
  (is (= 200 (:status (http/ok (http/get (url "/text")))))))

(deftest redirects
  (let [{:keys [status body] :as response} (http/get (url "/redirect?3"))]
    (is (= [200 "grüße\n"] [status body]))
    (is (= (url "/text") (:url response))))
  (is (= 302 (:status (http/get (url "/redirect?3") {:redirects 0}))))
  (is (= :reops.http/redirects (failure #(http/get (url "/redirect?5") {:redirects 2})))))

(deftest failures-say-why
  (are [type request] (= type (failure #(http/request request)))
    :reops.http/connect {:url (str "http://127.0.0.1:" (System/getenv "CLOSED_PORT") "/")}
    :reops.http/resolve {:url "http://no-such-host.invalid/"}
    :reops.http/url {:url "ftp://127.0.0.1/"}
    :reops.http/url {:url "http://a b/"}
    :reops.http/timeout {:url (url "/never") :total-ms 300}
    :reops.http/reset {:url (url "/cut")}
    :reops.http/header {:url (url "/text") :headers {"A" "x\r\nB: y"}}
    :reops.http/option {:url (url "/text") :heders {}}
    :reops.http/file {:url (url "/text") :method :put :body {:file "/no/such/file"}})
  (testing "and keep secrets"
    (let [e (try (http/get (str "http://user:hunter2@127.0.0.1:" (System/getenv "CLOSED_PORT") "/path?token=hunter2")
                           {:bearer "hunter2" :headers {"X-Key" "hunter2"}})
                 (catch Exception e e))]
      (is (str/includes? (ex-message e) "/path"))
      (is (not (str/includes? (pr-str e (ex-data e)) "hunter2"))))))

(deftest tls
  (is (= 200 (:status (http/get (secure "/text") {:ca-file (System/getenv "CA_FILE")}))))
  (is (= :reops.http/tls (failure #(http/get (secure "/text")))) "a certificate nobody vouches for")
  (is (= :reops.http/tls (failure #(http/get (str/replace (secure "/text") "localhost" "127.0.0.1") {:ca-file (System/getenv "CA_FILE")})))
      "one for another name")
  (is (= 200 (:status (http/get (secure "/text") {:insecure true})))))

(deftest proxies
  (is (= "proxied http://example.invalid/x" (:body (http/get "http://example.invalid/x" {:proxy (url "")}))))
  (is (= 200 (:status (http/get (url "/text") {:proxy "http://127.0.0.1:1" :no-proxy "127.0.0.1"})))))

(deftest retries
  (let [tries #(parse-long (:body (http/get (url (str "/count?" %)))))]
    (is (= "after 3" (:body (http/get (url "/flaky?a,2,503") {:retries {:times 3 :backoff-ms 1}}))))
    (is (= 503 (:status (http/get (url "/flaky?b,9,503") {:retries 2}))))
    (is (= 3 (tries "b")))
    (is (= 500 (:status (http/get (url "/flaky?c,1,500") {:retries 2}))) "what would fail again is not repeated")
    (is (= 502 (:status (http/post (url "/flaky?d,1,502") {:retries 2}))) "a POST may have been carried out")
    (is (= 1 (tries "d")))
    (is (= "after 2" (:body (http/post (url "/flaky?e,1,503") {:retries 2}))))
    (is (= 503 (:status (http/get (url "/flaky?f,1,503") {:retries {:times 2 :on #{:connect}}}))))))

(let [{:keys [fail error]} (run-tests 'http-client)]
  (System/exit (if (zero? (+ fail error)) 0 1)))
