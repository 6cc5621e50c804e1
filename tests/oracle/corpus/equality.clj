;; =, ==, identical?, compare, hash agreement.

[(= 1) (= 1 1) (= 1 1 1) (= 1 2) (= 1 1 2)]
[(not= 1 2) (not= 1 1) (not= 1 1 2) (not= 1)]
[(= nil nil) (= nil false) (= nil ()) (= nil 0)]
[(= 1 1.0) (= 1 1N) (= 1 1M) (= 1.0 1M) (= 1N 1M) (= 1/2 0.5)]
[(== 1 1.0 1N 1M) (== 0.5 1/2) (== 1 2)]
(== 1 "1")
(== nil 1)
[(= "a" "a") (= "a" \a) (= "a" 'a) (= :a 'a) (= :a ":a")]
[(= [1 2] '(1 2)) (= '(1 2) [1 2]) (= [1 2] (range 1 3)) (= [1 2] (map inc [0 1]))]
[(= [] ()) (= [] nil) (= #{} []) (= {} []) (= {} #{})]
[(= {:a 1} {:a 1}) (= {:a 1} [[:a 1]]) (= (first {:a 1}) [:a 1])]
[(= #{1 2} #{2 1}) (= #{1 2} (sorted-set 1 2)) (= {:a 1} (sorted-map :a 1))]
[(= [1 [2 [3]]] '(1 (2 (3)))) (= {:a [1]} {:a '(1)}) (= #{[1]} #{'(1)})]
[(= 0.0 -0.0) (= ##Inf ##Inf) (= ##Inf ##-Inf)]
(let [n ##NaN] (== n n))
[(identical? nil nil) (identical? :a :a) (identical? 'a 'a) (identical? [1] [1])]
(let [v [1]] (identical? v v))
[(= (hash 1) (hash 1N)) (= (hash [1 2]) (hash '(1 2))) (= (hash {:a 1 :b 2}) (hash {:b 2 :a 1}))]
[(= (hash "a") (hash (str "a"))) (= (hash :a) (hash (keyword "a"))) (= (hash 'a) (hash (symbol "a")))]
[(= (hash (range 3)) (hash [0 1 2])) (= (hash #{1 2}) (hash (sorted-set 1 2)))]
(= (hash 1.5) (hash (/ 3.0 2)))
(= (hash nil) (hash nil))
(integer? (hash (fn [] 1)))
[(compare nil nil) (compare nil 1) (compare 1 nil)]
[(compare :a :b) (compare :b :a) (compare :a :a) (compare :a/b :a)]
[(compare 'a 'b) (compare "a" "b") (compare \a \b)]
[(compare [1 2] [1 3]) (compare [1] [1 2]) (compare [] [])]
[(compare false true) (compare true true)]
(compare 1 "a")
(compare :a 'a)
(compare [1] '(1))
(compare {:a 1} {:a 1})
(compare '(1) '(2))
(compare #{1} #{1})
[(compare 1 1.5) (compare 1/2 0.5) (compare 2M 1N)]
[(distinct? 1 1.0) (distinct? [1] '(1))]
(distinct [1 1.0 1N [1] '(1)])
(get {1 :long} 1N)
(get {1.0 :double} 1)
(get {[1 2] :v} (list 1 2))
(get {#{1} :set} #{1})
(get {{:a 1} :map} {:a 1})
(get {nil :nil} nil)
(get {"a" 1} "a")
(contains? #{[1 2]} '(1 2))
(count (conj #{1} 1N))
(frequencies [1 1N 1.0 [1] '(1)])
(group-by identity [:a 'a "a"])
(= (list 1 2) (cons 1 (cons 2 nil)))
(= (lazy-seq [1 2]) [1 2])
(= [nil] [nil])
(= [1 2 3] [1 2])
(= (seq "abc") [\a \b \c])
(= "abc" [\a \b \c])
(= (vec (range 100)) (range 100))
(= (set (range 100)) (set (reverse (range 100))))
(= (zipmap (range 50) (range 50)) (into {} (map (fn [i] [i i]) (reverse (range 50)))))
(= #'inc #'inc)
(= (delay 1) (delay 1))
(= (with-meta [1] {:a 1}) [1])
(sort compare [3 1 2])
(sort [[1 "b"] [1 "a"] [0 "z"]])
(sort-by identity #(compare %2 %1) [1 3 2])
(= (symbol "a" "b") 'a/b)
(= (keyword "a/b") :a/b)
(apply = [1 1 1])
(= {:a {:b {:c #{1 [2 {:d 3}]}}}} {:a {:b {:c #{[2 {:d 3}] 1}}}})
(= {nil nil} {})
(= {:a nil} {:b nil})
(= \a (first "a"))
(= 'a (read-string "a"))
(every? true? (for [a [1 "s" :k 'x \c nil true [1] {:a 1} #{1}] b [1 "s" :k 'x \c nil true [1] {:a 1} #{1}]] (= (= a b) (= b a))))
