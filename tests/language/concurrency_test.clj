(ns concurrency-test
  "Threads: futures, promises, atoms, conveyance of bindings, watches. Every wait has a deadline, far beyond what it needs."
  (:require [clojure.test :refer [deftest is testing]]))

(defn- in-time
  "The value of a future or promise, or :late."
  [reference]
  (deref reference 30000 :late))

(defn- together
  "Runs f in n threads that start at the same moment, with the number of the thread; their results in order."
  [n f]
  (let [start (promise)
        running (doall (for [i (range n)] (future @start (f i))))]
    (deliver start :go)
    (mapv in-time running)))

(deftest futures-give-their-values
  (is (= [0 1 4 9] (together 4 #(* % %))))
  (is (= 5 (in-time (future (in-time (future 5)))))))

(deftest a-future-is-asked-again
  (let [times (atom 0)
        f (future (swap! times inc))]
    (is (= [1 1 1] [(in-time f) (in-time f) @f]))
    (is (= 1 @times))))

(deftest many-futures
  (is (= (range 200) (map in-time (doall (map #(future %) (range 200)))))))

(deftest a-deadline-that-passes-gives-the-default
  (let [never (promise)]
    (is (= :default (deref never 1 :default)))
    (is (= :default (deref (future @never) 1 :default)))
    (is (not (realized? never)))
    (deliver never 1)
    (is (= 1 (deref never 1 :default)))))

(deftest what-a-future-throws-comes-out-where-it-is-asked
  (let [f (future (throw (ex-info "in the future" {:n 1})))
        caught (try (in-time f) (catch Exception error error))]
    (is (= {:n 1} (some ex-data (take-while some? (iterate ex-cause caught)))))
    (is (future-done? f))
    (testing "every time"
      (is (thrown? Exception @f)))))

(deftest a-future-is-cancelled
  (let [begun (promise)
        ended (promise)
        f (future (try
                    (deliver begun true)
                    (Thread/sleep 3600000)
                    (catch InterruptedException _ (deliver ended :interrupted))))]
    (is (true? (in-time begun)))
    (is (true? (future-cancel f)))
    (is (future-cancelled? f))
    (is (future-done? f))
    (is (= :interrupted (in-time ended)))
    (is (thrown? Exception @f))
    (is (false? (future-cancel f)))))

(deftest a-finished-future-is-not-cancelled
  (let [f (future 1)]
    (in-time f)
    (is (false? (future-cancel f)))
    (is (= 1 @f))))

(deftest a-promise-wakes-all-who-wait
  (let [p (promise)
        waiting (doall (repeatedly 8 #(future (in-time p))))]
    (deliver p :now)
    (is (= (repeat 8 :now) (map in-time waiting)))))

(deftest a-promise-is-kept-once
  (let [p (promise)
        delivered (together 8 #(some? (deliver p %)))]
    (is (= 1 (count (filter true? delivered))))
    (is (contains? (set (range 8)) @p))))

(deftest swaps-are-never-lost
  (let [n (atom 0)]
    (together 8 (fn [_] (dotimes [_ 5000] (swap! n inc))))
    (is (= 40000 @n))))

(deftest swaps-of-collections-are-never-lost
  (let [m (atom {})
        v (atom [])
        s (atom #{})]
    (together 4 (fn [t] (dotimes [i 500]
                          (swap! m assoc [t i] (str t "-" i))
                          (swap! v conj [t i])
                          (swap! s conj [t i]))))
    (is (= 2000 (count @m) (count @v) (count @s)))
    (is (= (set (keys @m)) (set @v) @s))
    (is (every? (fn [[[t i] text]] (= text (str t "-" i))) @m))))

(deftest nested-maps-under-contention
  (let [m (atom {:counts {}})]
    (together 4 (fn [t] (dotimes [i 1000] (swap! m update-in [:counts (mod i 10)] (fnil inc 0)))))
    (is (= (zipmap (range 10) (repeat 400)) (:counts @m)))))

(deftest one-compare-and-set-wins
  (dotimes [_ 50]
    (let [a (atom :nobody)
          won (together 4 #(compare-and-set! a :nobody %))]
      (is (= 1 (count (filter true? won))))
      (is (true? (nth won @a))))))

(deftest what-is-no-atom-is-refused-not-waited-for
  (doseq [change [#(swap! (promise) identity) #(swap! (promise) + 1 2 3) #(swap-vals! (promise) identity)
                  #(reset! (promise) 1) #(swap! (volatile! 1) inc)]]
    (is (thrown? ClassCastException (change)))))

(deftest a-swap-is-tried-again-with-the-newer-value
  (let [a (atom 1)
        tries (atom 0)
        interfered (atom false)]
    (swap! a (fn [value]
               (swap! tries inc)
               (when (compare-and-set! interfered false true)
                 (in-time (future (reset! a 10))))
               (inc value)))
    (is (= [11 2] [@a @tries]))))

(deftest old-values-stay-what-they-were
  (let [a (atom (vec (range 100)))
        seen @a
        grown (together 4 (fn [t] (dotimes [i 200] (swap! a assoc (mod i 100) t)) (swap! a conj t)))]
    (is (= 4 (count grown)))
    (is (= (range 100) seen))
    (is (= 104 (count @a)))))

(deftest watches-see-every-change-once
  (let [a (atom 0)
        sum (atom 0)
        calls (atom 0)]
    (add-watch a :sum (fn [_ _ old new] (swap! calls inc) (swap! sum + (- new old))))
    (together 4 (fn [_] (dotimes [_ 500] (swap! a inc))))
    (is (= [2000 2000 2000] [@a @sum @calls]))
    (remove-watch a :sum)
    (swap! a inc)
    (is (= 2000 @calls))))

(deftest validators-hold-under-contention
  (let [a (atom 0 :validator #(<= % 100))
        refused (atom 0)]
    (together 4 (fn [_] (dotimes [_ 50] (try (swap! a inc) (catch IllegalStateException _ (swap! refused inc))))))
    (is (= [100 100] [@a @refused]))))

(deftest a-delay-runs-once
  (dotimes [_ 20]
    (let [times (atom 0)
          d (delay (swap! times inc) (vec (range 10)))]
      (is (= (repeat 4 (range 10)) (together 4 (fn [_] @d))))
      (is (= 1 @times)))))

(deftest a-lazy-sequence-is-realised-once
  (dotimes [_ 20]
    (let [times (atom 0)
          s (map (fn [x] (swap! times inc) (* x x)) (apply list (range 50)))]
      (is (= (repeat 4 (reduce + (map #(* % %) (range 50)))) (together 4 (fn [_] (reduce + s)))))
      (is (= 50 @times)))))

(deftest locking-excludes
  (let [lock (atom :lock)
        n (volatile! 0)]
    (together 4 (fn [_] (dotimes [_ 2000] (locking lock (vreset! n (inc @n))))))
    (is (= 8000 @n))))

(deftest locking-is-released-by-a-throw
  (let [lock (atom :lock)]
    (is (thrown? Exception (locking lock (throw (ex-info "inside" {})))))
    (is (= :entered (in-time (future (locking lock :entered)))))))

(def ^:dynamic *conveyed* :root)

(defn- read-it [] *conveyed*)

(deftest bindings-go-along-into-futures
  (binding [*conveyed* :bound]
    (is (= :bound (in-time (future (read-it)))))
    (is (= :bound (in-time (future (in-time (future (read-it)))))))
    (is (= [:bound :bound] (pmap (fn [_] (read-it)) [1 2])))
    (is (= [:bound] (pcalls read-it))))
  (is (= :root (in-time (future (read-it))))))

(deftest a-watch-runs-in-the-thread-that-changed
  (let [a (atom 0)
        said (promise)]
    (add-watch a :thread (fn [_ _ _ _] (deliver said (read-it))))
    (is (= 1 (in-time (future (binding [*conveyed* :of-the-changer] (swap! a inc))))))
    (is (= :of-the-changer (in-time said)))))

(deftest what-a-future-binds-stays-there
  (binding [*conveyed* :outer]
    (is (= [:inner :outer] [(in-time (future (binding [*conveyed* :inner] (read-it)))) (read-it)]))
    (testing "and what it sets, too"
      (is (= :set (in-time (future (binding [*conveyed* :mine] (set! *conveyed* :set) (read-it))))))
      (is (= :outer (read-it))))))

(deftest bound-functions-carry-bindings-anywhere
  (let [f (binding [*conveyed* :bound] (bound-fn [x] [x (read-it)]))]
    (is (= [1 :bound] (f 1)))
    (is (= [2 :bound] (in-time (future (f 2)))))))

(deftest threads-have-their-own-bindings
  (is (= (range 8)
         (together 8 (fn [i] (binding [*conveyed* i]
                               (dotimes [_ 100] (read-it))
                               (read-it)))))))

(def changing 0)

(deftest roots-are-seen-by-all-threads
  (together 4 (fn [_] (dotimes [_ 500] (alter-var-root #'changing inc))))
  (is (= 2000 changing))
  (with-redefs [changing :replaced]
    (is (= :replaced (in-time (future changing)))))
  (is (= 2000 (in-time (future changing)))))

(deftest functions-are-redefined-while-they-run
  (intern 'concurrency-test 'redefined (fn [] 0))
  (let [call (eval '(fn [] (concurrency-test/redefined)))
        stop (atom false)
        calling (doall (repeatedly 2 #(future (loop [n 0] (if @stop n (do (call) (recur (inc n))))))))]
    (dotimes [i 500] (intern 'concurrency-test 'redefined (fn [] [i (str i)])))
    (is (= [499 "499"] (call)))
    (reset! stop true)
    (is (every? int? (map in-time calling)))))

(deftest output-of-futures-goes-where-their-maker-prints
  (let [said (with-out-str (in-time (future (println "from the future"))))]
    (is (= "from the future\n" said))))

(deftest parallel-map-keeps-the-order
  (is (= (map inc (range 100)) (pmap inc (range 100))))
  (is (= [5 7 9] (pmap + [1 2 3] [4 5 6])))
  (is (= [1 2] (pvalues (inc 0) (inc 1)))))

(deftest memoized-functions-are-shared
  (let [f (memoize (fn [x] (vec (range x))))]
    (is (= (repeat 4 (map range (range 50))) (together 4 (fn [_] (map f (range 50))))))))

(deftest values-cross-threads-unchanged
  (let [value {:list (list 1 2) :vector [1.5 2N 3M 1/3] :set #{:a "b" \c} :map {nil [true false]}
               :lazy (map inc (range 40)) :fn inc}]
    (is (= (repeat 4 value) (together 4 (fn [_] (in-time (future value))))))))

(deftest one-map-grows-in-many-directions
  (let [base (zipmap (range 1000) (range 1000))
        grown (together 4 (fn [t] (reduce (fn [m i] (assoc m i [t i])) base (range 500 1500))))]
    (is (= (range 1000) (sort (keys base))))
    (is (every? (fn [[k v]] (= k v)) base))
    (is (every? true? (map-indexed (fn [t m] (and (= 1500 (count m)) (= [t 700] (m 700)) (= 3 (m 3)))) grown)))))

(deftest a-transient-is-finished-in-another-thread
  (let [t (reduce conj! (transient []) (range 100))]
    (is (= (range 100) (in-time (future (persistent! t)))))))

(deftest sleeping-is-interrupted-not-lost
  (let [begun (promise)
        f (future (deliver begun true) (Thread/sleep 3600000) :slept)]
    (in-time begun)
    (future-cancel f)
    (is (= :gone (try (deref f 30000 :late) (catch Exception _ :gone))))))
