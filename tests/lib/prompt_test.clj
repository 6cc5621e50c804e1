(ns prompt-test
  (:require [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [reops.fs :as fs]
            [reops.prompt :as prompt]))

(defn polish
  "Makes the zinc floor shine. Twice a day."
  {:category :housekeeping}
  [])

(deftest help-by-category
  (let [overview (with-out-str (prompt/help))]
    (is (str/includes? overview "Housekeeping   (help :housekeeping)"))
    (is (re-find #"prompt-test/polish +Makes the zinc floor shine\.\n" overview) "the first sentence")
    (is (every? #(<= (count %) 80) (str/split-lines overview))))
  (let [one (with-out-str (prompt/help :housekeeping))]
    (is (str/includes? one "polish"))
    (is (not (str/includes? one "save-defs"))))
  (is (str/includes? (with-out-str (prompt/help :no-such-category)) "There is no category :no-such-category; there are :")))

(deftest help-by-word
  (is (re-find #"(?s)Named \"polish\".*prompt-test/polish" (with-out-str (prompt/help "polish"))))
  (is (re-find #"(?s)documentation of:.*prompt-test/polish" (with-out-str (prompt/help "ZINC"))) "in any case of letters")
  (is (str/includes? (with-out-str (prompt/help "no such words anywhere")) "Nothing here is named")))

(deftest help-for-a-name
  (is (str/includes? (with-out-str (prompt/help 'prompt-test/polish)) "Twice a day.")))

(defn- saved
  "What save-defs writes after these forms were typed in the namespace my.ops."
  [& texts]
  (with-redefs-fn {#'prompt/noted (atom [])}
    (fn []
      (doseq [text texts]
        (prompt/note-form (read-string text) text (create-ns 'my.ops)))
      (fs/with-temp-dir [folder]
        (let [path (fs/join folder "saved.clj")]
          (with-out-str (prompt/save-defs path))
          (rest (str/split (str/trim (slurp path)) #"\n\n")))))))

(deftest definitions-are-saved-as-typed
  (is (= ["(in-ns 'my.ops)" "(def a\n  ;; one\n  1)" "(defmethod m :x [_] 1)" "(extend-type T P (f [_]))"]
         (saved "(def a\n  ;; one\n  1)" "(inc a)" "(defmethod m :x [_] 1)" "a" "(extend-type T P (f [_]))" "(println a)")))
  (is (= ["(ns other.place)"] (saved "(ns other.place)")) "ns says where it is itself"))

(deftest the-latest-definition-counts
  (are [texts expected] (= expected (rest (apply saved texts)))
    ["(def a 1)" "(def b 2)" "(def a 3)"] ["(def a 3)" "(def b 2)"]
    ["(defmethod m :x [_] 1)" "(defmethod m :y [_] 2)" "(defmethod m :x [_] 3)"] ["(defmethod m :x [_] 3)" "(defmethod m :y [_] 2)"])
  (testing "what it uses that came later is declared"
    (is (= ["(declare h)" "(defn f [] (h))" "(defn g [] (f))" "(defn h [] 1)"]
           (rest (saved "(defn f [] 1)" "(defn g [] (f))" "(defn h [] 1)" "(defn f [] (h))"))))))
