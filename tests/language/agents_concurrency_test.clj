(ns agents-concurrency-test
  "Agents, taps, parallel maps and sequences realised ahead, on many threads at once. Every wait has a deadline."
  (:require [clojure.test :refer [deftest is testing]]))

(def deadline 60000)

(defn- awaited
  "Waits for the agents; fails the test when that takes too long."
  [& agents]
  (is (apply await-for deadline agents) "the agents came to an end"))

(defn- eventually
  "Waits until (f) is true, and returns it; nil when it never is."
  [f]
  (let [end (+ (System/nanoTime) (* deadline 1000000))]
    (loop []
      (or (f)
          (when (< (System/nanoTime) end)
            (Thread/yield)
            (recur))))))

(deftest every-action-counts-once
  (let [total (agent 0)
        senders (doall (for [_ (range 4)]
                         (future (dotimes [i 500] ((if (even? i) send send-off) total inc)))))]
    (run! deref senders)
    (awaited total)
    (is (= 2000 @total))))

(deftest one-action-at-a-time-in-the-order-of-sending
  (let [inside (atom 0)
        most (atom 0)
        log (agent [])]
    (dotimes [i 300]
      (send-off log (fn [seen]
                      (swap! most max (swap! inside inc))
                      (let [seen (conj seen i)]
                        (swap! inside dec)
                        seen))))
    (awaited log)
    (is (= (range 300) @log))
    (is (= 1 @most))))

(deftest sends-inside-an-action-wait-for-its-end
  (let [gate (promise)
        inner (agent :untouched)
        outer (agent nil)
        reached (promise)]
    (send-off outer (fn [_]
                      (send inner (constantly :touched))
                      (deliver reached true)
                      (deref gate deadline nil)
                      @inner))
    (is (deref reached deadline nil))
    (is (= :untouched @inner))
    (deliver gate true)
    (awaited outer)
    (awaited inner)
    (is (= :untouched @outer))
    (is (= :touched @inner))))

(deftest a-future-of-an-action-sends-at-once
  (testing "what the action's bindings are handed to is not the action"
    (let [inner (agent 0)
          outer (agent nil)]
      (send-off outer (fn [_]
                        (deref (future (send inner inc)) deadline :late)
                        (eventually #(= 1 @inner))))
      (awaited outer)
      (is (true? @outer)))))

(deftest sends-of-an-action-that-failed-are-dropped
  (let [inner (agent 0)
        outer (agent nil)]
    (send outer (fn [_] (send inner inc) (throw (ex-info "failed" {}))))
    (is (eventually #(agent-error outer)))
    (awaited inner)
    (is (= 0 @inner))))

(deftest a-failed-agent-holds-its-queue
  (let [gate (promise)
        a (agent 0)]
    (send-off a (fn [_] (deref gate deadline nil) (throw (ex-info "failed" {}))))
    (dotimes [_ 10] (send a inc))
    (deliver gate true)
    (is (eventually #(agent-error a)))
    (is (thrown? RuntimeException (send a inc)))
    (is (= 0 @a))
    (restart-agent a 100)
    (awaited a)
    (is (= 110 @a))))

(deftest agents-in-a-ring
  (let [size 20
        done (promise)
        ring (vec (repeatedly size #(agent 0)))
        pass (fn pass [n i left]
               (if (zero? left)
                 (deliver done true)
                 (let [to (mod (inc i) size)]
                   (send (ring to) pass to (dec left))))
               (inc n))]
    (send (ring 0) pass 0 1000)
    (is (deref done deadline nil))
    (apply awaited ring)
    (is (= 1001 (reduce + (map deref ring))))))

(deftest waiting-actions-do-not-hold-up-the-pool
  (let [gate (promise)
        waiting (doall (repeatedly 40 #(agent nil)))
        quick (agent 0)]
    (doseq [a waiting] (send-off a (fn [_] (deref gate deadline nil))))
    (dotimes [_ 50] (send quick inc))
    (awaited quick)
    (is (= 50 @quick))
    (deliver gate :open)
    (apply awaited waiting)
    (is (every? #(= :open @%) waiting))))

(deftest executors-of-ones-own
  (let [ran (atom 0)
        executor (fn [work] (swap! ran inc) (future-call work))
        a (agent 0)]
    (dotimes [_ 10] (send-via executor a inc))
    (awaited a)
    (is (= 10 @a @ran))))

(deftest watches-see-every-change
  (let [seen (atom [])
        a (agent 0)]
    (add-watch a :seen (fn [_ _ before after] (swap! seen conj [before after])))
    (dotimes [_ 100] (send a inc))
    (awaited a)
    (is (= (map vector (range 100) (range 1 101))
           (filter (fn [[before after]] (not= before after)) @seen)))))

(deftest parallel-maps-agree-with-map
  (is (= (map #(* % %) (range 500)) (pmap #(* % %) (range 500))))
  (is (= (map + (range 50) (range 50 200)) (pmap + (range 50) (range 50 200))))
  (is (= [1 2 3] (pcalls (constantly 1) (constantly 2) (constantly 3))))
  (is (= [3 12] (pvalues (+ 1 2) (* 3 4)))))

(deftest parallel-maps-run-at-once
  (testing "two calls that wait for each other"
    (let [here (promise) there (promise)]
      (is (= [:there :here]
             (pmap (fn [[mine other]] (deliver mine (if (= mine here) :here :there)) (deref other deadline :late))
                   [[here there] [there here]]))))))

(deftest sequences-realised-ahead
  (is (= (range 1000) (seque 7 (range 1000))))
  (is (= (range 100) (seque 1 (range 100))))
  (testing "no further than asked for"
    (let [made (atom 0)
          s (seque 5 (map (fn [x] (swap! made inc) x) (iterate inc 0)))]
      (is (= [0 1 2] (take 3 s)))
      (is (eventually #(<= 8 @made)))
      (is (<= @made 9))))
  (testing "read by several threads"
    (let [s (seque 10 (range 500))]
      (is (apply = (range 500) (map deref (doall (repeatedly 3 #(future (doall s))))))))))

(deftest taps-get-everything-in-order
  (let [got (atom [])
        done (promise)
        tap (fn [x] (if (= ::end x) (deliver done true) (swap! got conj x)))]
    (add-tap tap)
    (dotimes [i 100] (is (eventually #(tap> i))))
    (is (eventually #(tap> ::end)))
    (is (deref done deadline nil))
    (remove-tap tap)
    (is (= (range 100) @got))))

(deftest monitors-keep-threads-apart
  (let [lock (Object.)
        n (volatile! 0)]
    (run! deref (doall (for [_ (range 4)]
                         (future (dotimes [_ 200] (locking lock (vswap! n inc)))))))
    (is (= 800 @n))))

(deftest precision-goes-with-bindings
  (is (= 0.667M (with-precision 3 @(future (/ 2M 3)))))
  (is (= [0.67M 0.6667M] (with-precision 4 [(with-precision 2 (/ 2M 3)) (/ 2M 3)])))
  (let [a (agent nil)]
    (with-precision 5 (send a (fn [_] (/ 1M 3))))
    (send a (fn [x] [x (try (/ 1M 3) (catch ArithmeticException _ :endless))]))
    (awaited a)
    (is (= [0.33333M :endless] @a))))

(deftest a-thread-is-interrupted-by-name
  (let [thread (promise)
        result (future (deliver thread (Thread/currentThread))
                       (try (deref (promise)) (catch InterruptedException _ :woken)))
        t (deref thread deadline nil)]
    (is (.isAlive t))
    (.interrupt t)
    (is (= :woken (deref result deadline :late)))))
