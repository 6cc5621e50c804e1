(ns reops.http
  "An HTTP client. A request is a map or a method's function with a URL; a response is {:status :headers :body :url}, whatever
  its status says: (ok response) is for those who want errors. Requests that cannot be made are errors whose :type says why:
  :reops.http/resolve, connect, tls, timeout, reset, redirects, protocol, url, file, failed. Their messages name the method
  and the URL without user, password and query, and no header. Ctrl-C ends a request that waits.

      (-> (get \"https://api.example.org/hosts\" {:query {:page 2} :bearer token :as :json}) ok :body)"
  (:refer-clojure :exclude [get])
  (:require [clojure.string :as str]
            [reops.json :as json]
            [reops.secrets :as secrets]))

(defn- native [name]
  (reops.internal/load-module "http")
  (deref (ns-resolve 'reops.http.native name)))

;;; Text for URLs.

(defn url-encode
  "text with everything but letters, digits and - . _ ~ as %XX."
  {:category :http}
  [text]
  (str/join (map (fn [b]
                   (let [b (bit-and b 255)]
                     (if (or (<= 48 b 57) (<= 65 b 90) (<= 97 b 122) (contains? #{45 46 95 126} b))
                       (char b)
                       (format "%%%02X" b))))
                 (reops.bytes/bytes text))))

(defn- plain-text [x]
  (if (keyword? x) (subs (str x) 1) (str (secrets/reveal x))))

(defn query-string
  "A map (or pairs) as the query of a URL. A collection as value gives its key once for each element; nil leaves it out.

      (query-string {:q \"a b\" :tag [1 2]})   ; \"q=a%20b&tag=1&tag=2\""
  {:category :http}
  [params]
  (str/join "&" (for [[k v] (if (map? params) (sort-by (comp plain-text key) params) params)
                      value (cond (nil? v) nil, (coll? v) v, :else [v])]
                  (str (url-encode (plain-text k)) "=" (url-encode (plain-text value))))))

(defn- with-query [url params]
  (let [query (query-string params)]
    (if (= "" query)
      url
      (let [[before fragment] (str/split url #"#" 2)]
        (str before (if (str/includes? before "?") "&" "?") query (when fragment (str "#" fragment)))))))

;;; Requests.

(def ^:private known-options
  #{:method :url :headers :query :body :form :json :as :limit :redirects :connect-ms :total-ms :idle-ms :retries :proxy
    :no-proxy :insecure :ca-file :cert :key :unix-socket :basic-auth :bearer :aws})

(defn- check-options [request]
  (when-let [unknown (first (remove known-options (keys request)))]
    (throw (ex-info (str "There is no option " unknown " of an HTTP request. There are: "
                         (str/join ", " (sort known-options)))
                    {:type :reops.http/option, :option unknown}))))

(defn- header-pairs [headers]
  (for [[k v] headers
        value (cond (nil? v) nil, (coll? v) v, :else [v])]
    [(plain-text k) (plain-text value)]))

(defn- body-of
  "[content type, {:body text-or-bytes} or {:body-file path}]; the type is nil when the caller has to say."
  [{:keys [body form] :as request}]
  (cond
    (contains? request :json) ["application/json" {:body (json/write-string (:json request))}]
    form ["application/x-www-form-urlencoded" {:body (query-string form)}]
    (nil? body) nil
    (and (map? body) (:file body)) [nil {:body-file (:file body)}]
    (or (string? body) (bytes? body)) [nil {:body body}]
    ;; A reader is sent as the text it still has.
    :else [nil {:body (slurp body)}]))

(defn- native-request [{:keys [method url headers query as basic-auth aws] :as request}]
  (check-options request)
  (let [[content-type body] (body-of request)
        pairs (header-pairs headers)
        named? (fn [wanted] (some (fn [[k _]] (= wanted (str/lower-case k))) pairs))
        {:keys [region service access-key secret-key token]} aws
        [user password] (map secrets/reveal (if aws [access-key secret-key] basic-auth))
        taken (case as :json :text, nil :text, as)]
    (merge (select-keys request [:limit :redirects :connect-ms :total-ms :idle-ms :proxy :no-proxy :insecure :ca-file :cert :key
                                 :unix-socket])
           body
           {:bearer (secrets/reveal (:bearer request))
            :method (str/upper-case (name method))
            :url (if query (with-query url query) url)
            :headers (vec (concat pairs
                                  (when (and content-type (not (named? "content-type"))) [["Content-Type" content-type]])
                                  (when (and (= :json as) (not (named? "accept"))) [["Accept" "application/json"]])
                                  (when token [["X-Amz-Security-Token" token]])))
            :user user, :password password
            :aws-signature (when aws (str "aws:amz:" region ":" service))}
           (if (map? taken) {:file (:file taken)} {:as taken}))))

(defn- send-once [request]
  (let [response ((native 'request) (native-request request))]
    (if (= :json (:as request))
      (update response :body #(when-not (str/blank? %) (json/read-string % {:keywords (:keywords request true)})))
      response)))

;;; Trying again.

(def ^:private repeatable-methods #{:get :head :options :put :delete})

(defn- reason
  "Why an answer would be worth another try: :connect, :status …; nil when there is nothing to try again."
  [outcome]
  (if-let [error (:error outcome)]
    (let [type (:type (ex-data error))]
      (when (and (keyword? type) (= "reops.http" (namespace type)))
        (keyword (name type))))
    (when (contains? #{429 502 503 504} (:status (:response outcome)))
      :status)))

(defn- may-repeat?
  "A request that certainly was not carried out can be sent again, others only where twice does as once."
  [method why outcome]
  (or (contains? repeatable-methods method)
      (contains? #{:resolve :connect} why)
      (and (= :status why) (contains? #{429 503} (:status (:response outcome))))))

(defn- pause-before
  "Milliseconds to wait before try n+1: what Retry-After says (up to a minute), else twice as long each time, give or take a
  quarter."
  [n {:keys [backoff-ms] :or {backoff-ms 250}} outcome]
  (let [wanted (some-> (get-in outcome [:response :headers "retry-after"]) (as-> v (when (string? v) (parse-long v))))]
    (if wanted
      (min 60000 (* 1000 wanted))
      (long (* backoff-ms (Math/pow 2 (min n 10)) (+ 0.75 (rand 0.5)))))))

(defn request
  "Sends a request and answers the response. Options, of which :url has to be there:
    :method      :get unless said otherwise
    :headers     a map; values may be collections
    :query       a map that becomes the URL's query (query-string)
    :body        text, bytes, {:file path} (sent from the file as it is read), or a reader
    :form, :json a map sent as a form; any value sent as JSON. They set Content-Type.
    :as          how to take the body: :text (the default), :bytes, :json (with keywords as keys), {:file path} (saved as it
                 comes, in place when complete), or :stream: a reader, to be closed, for line-seq and the like
    :limit       bytes of a body in memory (256 MiB)
    :connect-ms, :total-ms, :idle-ms   deadlines: for the connection (10,000), for everything (none), without a byte (60,000;
                 none for a stream)
    :redirects   how many are followed (10)
    :retries     {:times 3 :backoff-ms 250 :on #{:resolve :connect :timeout :reset :status}}: when to try again, and how long
                 to wait, which doubles. :status is 429, 502, 503 and 504; Retry-After is obeyed. A POST or PATCH is only
                 repeated when it certainly was not carried out. A number stands for :times.
    :basic-auth  [user password];  :bearer  a token
    :aws         {:region :service :access-key :secret-key :token}: signs the request as AWS wants it
    :proxy       a URL, \"\" for none (otherwise http_proxy and the like in the environment count);  :no-proxy  hosts
    :ca-file, :cert, :key   files of certificates;  :insecure true  trusts any server
    :unix-socket a path to talk to instead of the URL's host"
  {:category :http}
  [{:keys [method retries] :or {method :get} :as options}]
  (when-not (string? (:url options))
    (throw (IllegalArgumentException. (str "An HTTP request needs a string as :url, found " (pr-str (:url options))))))
  (let [options (assoc (dissoc options :retries) :method method)
        {:keys [times on] :or {times 3 on #{:resolve :connect :timeout :reset :status}} :as retries}
        (if (number? retries) {:times retries} (or retries {:times 0}))]
    (loop [n 0]
      (let [outcome (try {:response (send-once options)}
                         (catch clojure.lang.ExceptionInfo e {:error e}))
            why (reason outcome)]
        (if (and why (< n times) (contains? on why) (may-repeat? method why outcome))
          (do (when (= :stream (:as options)) (some-> outcome :response :body .close))
              (Thread/sleep (pause-before n retries outcome))
              (recur (inc n)))
          (if-let [error (:error outcome)]
            (throw error)
            (:response outcome)))))))

(defn get
  "GET. Takes the options of request."
  {:category :http}
  ([url] (get url nil))
  ([url options] (request (assoc options :method :get :url url))))

(defn head
  "HEAD. Takes the options of request."
  {:category :http}
  ([url] (head url nil))
  ([url options] (request (assoc options :method :head :url url))))

(defn post
  "POST. Takes the options of request.

      (post \"https://chat.example.org/hook\" {:json {:text \"done\"}})"
  {:category :http}
  ([url] (post url nil))
  ([url options] (request (assoc options :method :post :url url))))

(defn put
  "PUT. Takes the options of request."
  {:category :http}
  ([url] (put url nil))
  ([url options] (request (assoc options :method :put :url url))))

(defn patch
  "PATCH. Takes the options of request."
  {:category :http}
  ([url] (patch url nil))
  ([url options] (request (assoc options :method :patch :url url))))

(defn delete
  "DELETE. Takes the options of request."
  {:category :http}
  ([url] (delete url nil))
  ([url options] (request (assoc options :method :delete :url url))))

(defn ok?
  "True for a response whose status is 2xx."
  {:category :http}
  [response]
  (<= 200 (:status response) 299))

(defn ok
  "The response when its status is 2xx; else an error of :type :reops.http/status that has the :response."
  {:category :http}
  [{:keys [status url body] :as response}]
  (if (ok? response)
    response
    (throw (ex-info (str (first (str/split (str url) #"[?#]" 2)) " answered " status
                         (when (and (string? body) (not (str/blank? body)))
                           (str ": " (first (str/split-lines (subs body 0 (min 200 (count body))))))))
                    {:type :reops.http/status, :status status, :response response}))))
