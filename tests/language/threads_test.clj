(ns threads-test
  "Everything that threads can reach at the same time, reached at the same time: what one of them changes or fills lazily
  (caches, tables, counts) while others read it. Run under the thread sanitizer, this is what finds a forgotten
  publication; run without, it still checks the answers."
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]))

(defn- in-time [reference] (deref reference 120000 :late))

(defn- together
  "Runs f in n threads that start at the same moment, with the number of the thread; their results in order."
  [n f]
  (let [start (promise)
        running (doall (for [i (range n)] (future @start (f i))))]
    (deliver start :go)
    (mapv in-time running)))

(defn- agree?
  "Whether n threads that compute the same get the same."
  [n f]
  (apply = (together n (fn [_] (f)))))

(deftest hashes-are-computed-by-whoever-asks-first
  (dotimes [i 20]
    (let [text (apply str (repeat 50 i))
          values [text [text {:k text}] #{text 1 2.5} (list text) (map str (range 40)) (symbol text) 123456789012345678901234567890 1/3
                  (zipmap (map str (range 40)) (range)) (sort (range 10))]]
      (is (agree? 4 #(mapv hash values)))
      (is (agree? 4 #(= values (assoc values 0 (apply str (repeat 50 i)))))))))

(deftest regexes-are-compiled-by-whoever-asks-first
  (dotimes [i 20]
    (let [pattern (re-pattern (str "(\\w+)-" i "(x?)"))]
      (is (= (repeat 4 [[(str "web-" i "x") "web" "x"] nil])
             (together 4 (fn [_] [(re-find pattern (str "on web-" i "x")) (re-matches pattern "nothing")])))))))

(deftest keywords-and-symbols-are-interned-together
  (dotimes [i 20]
    (let [names (map #(str "threads-" i "-" %) (range 50))]
      (is (agree? 4 #(mapv (fn [n] [(keyword n) (keyword "ns" n) (symbol n) (identical? (keyword n) (keyword n))]) names))))))

(deftest chunks-and-lazy-sequences-are-shared
  (dotimes [_ 10]
    (let [source (->> (range 2000) (map inc) (filter odd?) (partition-all 7) (mapcat identity) (map str))
          numbers (iterate inc 0)
          endless (cycle (vec (range 7)))]
      (is (agree? 4 #(reduce + (map count source))))
      (is (agree? 4 #(nth numbers 500)))
      (is (agree? 4 #(vec (take 100 endless)))))))

(deftest a-lazy-sequence-that-throws-throws-for-everybody
  (dotimes [_ 10]
    (let [s (map #(/ 10 %) (list 5 2 0))]
      (is (= (repeat 4 :thrown) (together 4 (fn [_] (try (doall s) (catch ArithmeticException _ :thrown)))))))))

(def ^:dynamic *depth* 0)

(deftest bindings-of-many-threads
  (is (= (range 8)
         (together 8 (fn [i]
                       (binding [*depth* i]
                         (dotimes [_ 50]
                           (binding [*depth* (inc *depth*)]
                             (set! *depth* (+ *depth* 1))
                             (in-time (future *depth*))))
                         *depth*))))))

(deftest forms-are-compiled-together
  (is (= (for [i (range 4)] (+ 100 i))
         (together 4 (fn [i]
                       (last (for [n (range 20)]
                               (eval `(let [f# (fn [x#] (+ x# ~i)) m# {:a (f# ~n)}]
                                        (letfn [(g# [y#] (+ 100 ~i))] (g# (:a m#))))))))))))

(deftest names-are-defined-together
  (let [space (create-ns 'threads-test.defined)]
    (binding [*ns* space] (refer 'clojure.core))
    (is (= (range 4)
           (together 4 (fn [i]
                         (binding [*ns* space]
                           (dotimes [n 30]
                             (eval `(def ~(symbol (str "v" n)) ~(str n)))
                             (eval `(defn ~(symbol (str "f" i "-" n)) [x#] [x# ~n])))
                           i)))))
    (is (= (set (concat (map #(symbol (str "v" %)) (range 30))
                        (for [i (range 4) n (range 30)] (symbol (str "f" i "-" n)))))
           (set (keys (ns-publics space)))))
    (remove-ns 'threads-test.defined)))

(deftest metadata-and-watches-of-one-var
  (let [v (intern 'threads-test 'watched 0)
        seen (atom 0)]
    (add-watch v :count (fn [_ _ _ _] (swap! seen inc)))
    (together 4 (fn [i]
                  (dotimes [n 50]
                    (alter-var-root v inc)
                    (alter-meta! v assoc [:mark i] n)
                    (add-watch v [:more i] (fn [& _]))
                    (remove-watch v [:more i]))))
    (is (= [200 200 #{49}] [@v @seen (set (map #(get (meta v) [:mark %]) (range 4)))]))))

(defmulti shape :kind)
(defmethod shape :default [_] :unknown)

(deftest methods-are-added-while-others-call
  (let [stop (atom false)
        calling (doall (for [_ (range 3)]
                         (future (loop [n 0]
                                   (if @stop
                                     n
                                     (do (shape {:kind (mod n 40)}) (shape {:kind ::never}) (recur (inc n))))))))]
    (dotimes [i 40]
      (let [answer (str "method " i)]
        (defmethod shape i [_] answer))
      (when (odd? i) (remove-method shape i)))
    (reset! stop true)
    (is (every? int? (map in-time calling)))
    (is (= ["method 8" :unknown] [(shape {:kind 8}) (shape {:kind 9})]))))

(defprotocol Area (area [this]))
(defrecord Square [side] Area (area [_] (* side side)))

(deftest protocols-are-extended-while-others-call
  (let [stop (atom false)
        calling (doall (for [_ (range 3)]
                         (future (loop [n 0]
                                   (if @stop
                                     n
                                     (do (area (->Square 3))
                                         (try (area "text") (catch IllegalArgumentException _ nil))
                                         (recur (+ n (:side (->Square 1))))))))))]
    (dotimes [i 30]
      (extend-type String Area (area [s] (+ i (count s)))))
    (reset! stop true)
    (is (every? int? (map in-time calling)))
    (is (= [33 9] [(area "text") (area (->Square 3))]))))

(deftest instances-of-types-made-by-many
  (is (agree? 4 #(let [made (map (fn [i] (assoc (->Square i) :extra i)) (range 50))]
                   [(reduce + (map :side made)) (hash (vec made)) (count (set made)) (map area made)]))))

(deftest printing-to-one-place
  (let [said (with-out-str
               (together 4 (fn [i] (dotimes [n 50] (println (str "line-" i "-" n))))))]
    (is (= (set (for [i (range 4) n (range 50)] (str "line-" i "-" n)))
           (set (string/split-lines said))))))

(deftest cycles-are-collected-while-others-work
  (let [stop (atom false)
        working (doall (for [i (range 3)]
                         (future (loop [kept (atom nil) n 0]
                                   (if (and @stop (pos? n))
                                     n
                                     (let [a (atom nil)]
                                       (reset! a [a kept n])
                                       (when (zero? (mod n 50)) (reset! kept nil))
                                       (swap! kept (fn [_] [n (str n)]))
                                       (recur kept (inc n))))))))]
    (dotimes [_ 10] (System/gc))
    (reset! stop true)
    (is (every? pos-int? (map in-time working)))))

(deftest futures-are-cancelled-at-any-moment
  (let [outcomes (together 4 (fn [_]
                               (frequencies
                                 (for [n (range 40)]
                                   (let [f (future (reduce + (range (* 50 n))))]
                                     (future-cancel f)
                                     (try (int? @f) (catch Exception _ :cancelled)))))))]
    (is (= (repeat 4 40) (map #(reduce + (vals %)) outcomes)))))

(deftest a-promise-is-delivered-once-among-many
  (dotimes [_ 50]
    (let [p (promise)
          got (together 4 (fn [i] [(some? (deliver p [i (str i)])) @p]))]
      (is (= 1 (count (filter first got))))
      (is (apply = (map second got))))))

(deftest nested-structures-cross-while-they-grow
  (let [shared (atom {:list () :map {} :vector []})]
    (together 4 (fn [i]
                  (dotimes [n 100]
                    (swap! shared (fn [s] (-> s
                                              (update :list conj [i n])
                                              (assoc-in [:map i n] {:text (str i "/" n)})
                                              (update :vector conj (map inc [i n])))))
                    (count (pr-str (:map @shared))))))
    (is (= [400 4 400] [(count (:list @shared)) (count (:map @shared)) (count (:vector @shared))]))))

(deftest parallel-maps-within-parallel-maps
  (is (= (for [i (range 5)] (for [j (range 5)] (* i j)))
         (pmap (fn [i] (doall (pmap (fn [j] (* i j)) (range 5)))) (range 5)))))

(deftest an-interrupt-comes-once
  ;; A second one for the same request came in the middle of the handler, fourteen times in a million.
  (let [rounds 50000
        spin (fn [n] (loop [i 0] (if (< i n) (recur (inc i)) i)))
        ready (atom -1)
        again (atom 0)
        target (promise)
        interrupted (future
                      (deliver target (Thread/currentThread))
                      (dotimes [n rounds]
                        (try
                          (try
                            (reset! ready n)
                            (spin 100000000000)
                            (catch InterruptedException _ (spin 300)))
                          (catch InterruptedException _ (swap! again inc))))
                      :done)
        thread (in-time target)]
    (dotimes [n rounds]
      (while (and (not= n @ready) (not (realized? interrupted)))
        (Thread/yield))
      (.interrupt thread))
    (is (= :done (in-time interrupted)))
    (is (= 0 @again))))
