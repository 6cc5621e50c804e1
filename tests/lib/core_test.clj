(ns core-test
  "What the comparison with JVM Clojure (tests/oracle) does not ask: errors of our macros, sequences that are longer than
  memory, and state that must not leak from one reduction to the next."
  (:require [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]))

(defn- complaint
  "The message of the error that evaluating the form ends in."
  [form]
  (try
    (eval form)
    (str "no error, but " (pr-str form))
    (catch Throwable e
      (ex-message (or (ex-cause e) e)))))

(deftest macros-say-what-they-need
  (are [part form] (str/includes? (complaint form) part)
    "let needs a vector of bindings" '(let (a 1) a)
    "there is none for b" '(let [a 1 b] a)
    "A name, a vector or a map can be bound, not 5" '(let [5 1] 5)
    "A name or pattern has to follow &" '(let [[a &] [1]] a)
    "A name has to follow :as" '(let [[a :as] [1]] a)
    "Only :as and a name may follow the pattern after &" '(let [[& a b] [1]] a)
    "A map pattern knows :keys" '(let [{:kees [a]} {}] a)
    "cond needs an expression for every test" '(cond true)
    "case has the constant 1 twice" '(case 1 1 :a 1 :b)
    "if-let needs a vector of one name and one value" '(if-let [a 1 b 2] a)
    "for knows :let, :when and :while" '(for [x [1] :if x] x)
    "doseq starts with a name and a collection" '(doseq [:when true x [1]] x)
    "fn needs a vector of parameters" '(fn)
    "defn needs a symbol to define" '(defn "f" [x] x)
    "defn f needs a vector of parameters or clauses" '(defn f (x) x)
    "with-open binds plain names only" '(with-open [[a] 1] a)))

(deftest keyword-arguments
  (let [f (fn [& {:keys [a b] :or {b 2} :as all}] [a b all])]
    (is (= [1 2 {:a 1}] (f :a 1)))
    (is (= [1 3 {:a 1 :b 3}] (f :a 1 {:b 3})))
    (is (= [1 2 {:a 1}] (f {:a 1})))
    (is (thrown-with-msg? IllegalArgumentException #"no value for :b" (f :a 1 :b)))))

(deftest assertions-show-the-form
  (is (thrown-with-msg? AssertionError #"Assert failed: \(= 1 2\)" (assert (= 1 2))))
  (is (thrown-with-msg? AssertionError #"too small\n\(pos\? -1\)" (assert (pos? -1) "too small")))
  (let [f (fn [x] {:pre [(pos? x)] :post [(< % 10)]} (* 2 x))]
    (is (= 8 (f 4)))
    (is (thrown-with-msg? AssertionError #"\(pos\? x\)" (f 0)))
    (is (thrown-with-msg? AssertionError #"\(< % 10\)" (f 7)))))

(deftest long-sequences-are-not-held
  (testing "elements are freed as the walk goes on"
    (is (= 3000000 (count (filter odd? (map inc (range 6000000))))))
    (is (= 2999999 (last (take 3000000 (iterate inc 0)))))
    (is (= 1000000 (reduce (fn [n _] (inc n)) 0 (mapcat (fn [x] [x x]) (range 500000))))))
  (testing "long runs of elements left out need no stack"
    (is (= [999999] (filter (fn [x] (= x 999999)) (take 1000000 (iterate inc 0)))))
    (is (= () (for [x (range 1000000) :when (neg? x)] x)))
    (is (= [:end] (concat (mapcat (fn [_] nil) (range 100000)) [:end])))
    (is (= [1] (apply concat (concat (repeat 100000 []) [[1]]))))
    (is (= [7] (keep (fn [x] (when (= x 300000) 7)) (take 400000 (iterate inc 0)))))))

(deftest transducers-start-afresh
  (let [pairs (comp (map inc) (partition-all 2))]
    (is (= [[1 2] [3]] (into [] pairs [0 1 2]) (into [] pairs [0 1 2]) (sequence pairs [0 1 2]))))
  (testing "a run that a reduction breaks off is not handed on twice"
    (is (= [[1 2]] (into [] (comp (partition-all 2) (take 1)) [1 2 3 4 5])))
    (is (= [[1 1]] (into [] (comp (partition-by identity) (take 1)) [1 1 2 2])))))

(deftest collections-built-by-reduction
  (is (= (vec (range 100000)) (into [] (range 100000))))
  (is (= 100000 (count (into {} (map (fn [i] [i i])) (range 100000)))))
  (is (= {:n 1} (meta (into (with-meta [] {:n 1}) [1 2]))))
  (testing "what was there before is not touched"
    (let [v [1 2 3] m {:a 1} s #{1}]
      (is (= [[1 2 3 4] {:a 1 :b 2} #{1 2}] [(into v [4]) (into m [[:b 2]]) (into s [2])]))
      (is (= [[1 2 3] {:a 1} #{1}] [v m s])))))

(deftest definitions-carry-metadata
  (let [{:keys [doc arglists author private line]}
        (meta (eval '(defn- ^{:author "me"} documented "Says so." {:private true} ([x] x) ([x & {:keys [y]}] y))))]
    (is (= ["Says so." '([x] [x & {:keys [y]}]) "me" true] [doc arglists author private]))))

(deftest loops
  (let [seen (atom [])]
    (is (nil? (doseq [x (range 4) :when (odd? x) :let [y (* 10 x)] z [:a :b] :while (< y 30)]
                (swap! seen conj [x y z]))))
    (is (= [[1 10 :a] [1 10 :b]] @seen)))
  (is (nil? (dotimes [_ 3])))
  (is (= [[1 :a] [3 :a]] (for [x (range 5) :when (odd? x) y [:a :b] :while (= :a y)] [x y])))
  (testing "values that look like the marks inside `for`"
    (is (= [nil false ()] (for [x [nil false ()]] x)))))

(deftest interpolation-is-at-hand
  (let [host "web1"]
    (is (= "web1 has 3 disks" (<< "~{host} has ~(inc 2) disks")))))

(deftest an-endless-loop-that-is-interrupted-runs-its-finally
  (doseq [spin [(fn [begun ended]
                  (deliver begun true)
                  (try (loop [] (recur)) (finally (deliver ended :yes))))
                (fn [begun ended]
                  (deliver begun true)
                  (try (while true) (catch InterruptedException _ (deliver ended :yes))))]]
    (let [begun (promise)
          ended (promise)
          spinning (future (spin begun ended))]
      @begun
      (future-cancel spinning)
      (is (= :yes (deref ended 60000 :no))))))
