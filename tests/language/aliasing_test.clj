(ns aliasing-test
  "A value never changes under whoever still holds it. Collections that nobody else holds are updated in place, so each
  test holds one in some way, derives others from it, and looks whether the held one is still what it was."
  (:require [clojure.test :refer [deftest is testing]]))

(defn- fresh-vector [] (vec (range 70)))
(defn- fresh-map [] (zipmap (range 70) (range 70)))
(defn- fresh-set [] (set (range 70)))

(defn- change-vector [v] (-> v (assoc 0 :changed) (assoc 69 :changed) (conj :more) pop pop (update 5 str)))
(defn- change-map [m] (-> m (assoc 0 :changed) (assoc :new 1) (dissoc 5) (update 6 str) (merge {7 :merged})))
(defn- change-set [s] (-> s (conj :new) (disj 5) (into [:a :b])))

(defn- unchanged? [v m s] (and (= (range 70) v) (= (fresh-map) m) (= (fresh-set) s)))

(defn- change-all [v m s] [(change-vector v) (change-map m) (change-set s)])

(defn- changed? [[v m s]]
  (and (= :changed (nth v 0)) (= "5" (nth v 5)) (= 69 (count v))
       (= :changed (m 0)) (= :merged (m 7)) (not (contains? m 5)) (= "6" (m 6))
       (contains? s :new) (not (contains? s 5))))

(deftest held-by-a-local
  (let [v (fresh-vector) m (fresh-map) s (fresh-set)]
    (is (changed? (change-all v m s)))
    (is (unchanged? v m s))))

(deftest held-by-another-name
  (let [v (fresh-vector) m (fresh-map) s (fresh-set)
        v2 v m2 m s2 s]
    (is (changed? (change-all v2 m2 s2)))
    (is (unchanged? v m s))
    (is (unchanged? v2 m2 s2))))

(deftest held-by-a-closure
  (let [v (fresh-vector) m (fresh-map) s (fresh-set)
        hold (fn [] [v m s])]
    (is (changed? (apply change-all (hold))))
    (is (apply unchanged? (hold)))))

(deftest held-by-a-closure-that-changes
  (let [m (fresh-map)
        change (fn [k] (assoc m k :changed))]
    (is (= [:changed 1] ((juxt #(get % 0) #(get % 1)) (change 0))))
    (is (= [0 :changed] ((juxt #(get % 0) #(get % 1)) (change 1))))
    (is (= (fresh-map) m))))

(deftest held-by-a-collection
  (let [holder {:v (fresh-vector) :m (fresh-map) :s (fresh-set)}
        changed (-> holder (update :v change-vector) (update :m change-map) (update :s change-set))]
    (is (changed? ((juxt :v :m :s) changed)))
    (is (apply unchanged? ((juxt :v :m :s) holder)))))

(deftest held-inside-nested-collections
  (let [deep {:a {:b [(fresh-map)]}}
        changed (assoc-in deep [:a :b 0 0] :changed)]
    (is (= :changed (get-in changed [:a :b 0 0])))
    (is (= (fresh-map) (get-in deep [:a :b 0])))))

(deftest held-by-an-atom
  (let [a (atom (fresh-vector))
        before @a]
    (swap! a change-vector)
    (is (= (range 70) before))
    (is (= :changed (nth @a 0)))
    (let [between @a]
      (reset! a nil)
      (is (= :changed (nth between 0))))))

(deftest held-by-a-watch
  (let [a (atom (fresh-map))
        seen (atom [])]
    (add-watch a :keep (fn [_ _ old new] (swap! seen conj [old new])))
    (swap! a assoc 0 :first)
    (swap! a assoc 0 :second)
    (is (= [[0 :first] [:first :second]] (map (fn [[before after]] [(before 0) (after 0)]) @seen)))))

(deftest held-by-a-volatile
  (let [v (volatile! (fresh-vector))
        before @v]
    (vswap! v change-vector)
    (is (= (range 70) before))))

(def held-by-var (vec (range 70)))

(deftest held-by-a-var
  (is (= :changed (nth (change-vector held-by-var) 0)))
  (is (= (range 70) held-by-var))
  (let [before held-by-var]
    (alter-var-root #'held-by-var change-vector)
    (is (= (range 70) before))
    (is (= :changed (nth held-by-var 0)))
    (alter-var-root #'held-by-var (constantly before))))

(def ^:dynamic *held* nil)

(deftest held-by-a-binding
  (binding [*held* (fresh-map)]
    (is (= :changed (get (change-map *held*) 0)))
    (is (= (fresh-map) *held*))
    (let [before *held*]
      (set! *held* (change-map *held*))
      (is (= (fresh-map) before)))))

(deftest held-by-metadata
  (let [m (fresh-map)
        x (with-meta [] {:m m})]
    (change-map m)
    (change-map (:m (meta x)))
    (is (= (fresh-map) (:m (meta x))))))

(deftest metadata-is-not-shared-by-change
  (let [v (with-meta (fresh-vector) {:a 1})
        w (vary-meta v assoc :a 2)]
    (is (= [{:a 1} {:a 2}] [(meta v) (meta w)]))
    (is (= {:a 2} (meta (conj w 1))))))

(deftest held-by-an-exception
  (let [m (fresh-map)
        error (ex-info "holds" m)]
    (change-map (ex-data error))
    (is (= (fresh-map) (ex-data error)))))

(deftest held-by-a-lazy-sequence
  (let [v (fresh-vector)
        s (map identity v)
        t (seq v)]
    (first s)
    (change-vector v)
    (is (= (range 70) s t))))

(deftest held-by-a-sequence-of-itself
  (let [m (fresh-map)
        entries (seq m)
        ks (keys m)
        vs (vals m)]
    (change-map m)
    (is (= (sort (range 70)) (sort ks) (sort vs) (sort (map key entries))))))

(deftest held-by-a-delay-and-a-promise
  (let [v (fresh-vector)
        d (delay v)
        p (promise)]
    (deliver p v)
    (change-vector v)
    (change-vector @d)
    (change-vector @p)
    (is (= (range 70) @d @p))))

(deftest held-by-partial-and-comp
  (let [v (fresh-vector)
        add (partial conj v)]
    (is (= 71 (count (add 1)) (count (add 2))))
    (is (= 2 (peek (add 2))))
    (is (= (range 70) v))))

(deftest held-by-arguments
  (let [both (fn [a b] [(change-vector a) b])
        v (fresh-vector)]
    (is (= (range 70) (second (both v v))))
    (is (= (range 70) (second (apply both [v v]))))
    (is (= (range 70) v))))

(deftest held-by-rest-arguments
  (let [f (fn [& args] [(change-vector (first args)) (first args)])]
    (is (= (range 70) (second (f (fresh-vector)))))))

(deftest held-by-a-loop
  (let [history (loop [i 0 v (fresh-vector) seen []]
                  (if (< i 5)
                    (recur (inc i) (assoc v 0 [:step i]) (conj seen v))
                    (conj seen v)))]
    (is (= [0 [:step 0] [:step 1] [:step 2] [:step 3] [:step 4]] (map first history)))
    (is (every? #(= (range 1 70) (rest %)) history))))

(deftest held-by-reductions
  (is (= [[] [0] [0 1] [0 1 2]] (reductions conj [] (range 3))))
  (let [steps (doall (reductions (fn [m i] (assoc m i i)) {} (range 40)))]
    (is (= (range 41) (map count steps)))
    (is (every? (fn [[n m]] (= m (zipmap (range n) (range n)))) (map-indexed vector steps)))))

(deftest held-by-iterate
  (is (= [1 2 3 4] (map count (take 4 (iterate #(conj % :x) [:start]))))))

(deftest held-across-a-throw
  (let [m (fresh-map)]
    (try (reduce (fn [acc i] (if (= i 10) (throw (ex-info "stop" {})) (assoc acc i :changed))) m (range 70))
         (catch Exception _ nil))
    (is (= (fresh-map) m))))

(deftest a-literal-is-new-every-time
  (let [make (fn [] [1 2 3])
        make-map (fn [] {:a 1})]
    (is (= [:x 2 3] (assoc (make) 0 :x)))
    (is (= [1 2 3] (make)))
    (is (= {:a 1 :b 2} (assoc (make-map) :b 2)))
    (is (= {:a 1} (make-map)))
    (is (= '(1 2) (let [q '(1 2)] (conj q 0) q)))))

(deftest a-keyed-value-and-its-key
  (let [k (fresh-vector)
        m {k :found}]
    (change-vector k)
    (change-vector (first (keys m)))
    (is (= :found (m (range 70))))))

(deftest a-collection-inside-itself
  (let [v (fresh-vector)
        w (assoc v 0 v)]
    (is (= (range 70) (nth w 0)))
    (is (= 1 (nth w 1)))
    (let [m {:self nil} n (assoc m :self m)]
      (is (= {:self {:self nil}} n)))))

(deftest swapping-two-places
  (let [v (assoc (fresh-vector) 0 [:a] 1 [:b])
        swapped (assoc v 0 (nth v 1) 1 (nth v 0))]
    (is (= [[:b] [:a]] (take 2 swapped)))
    (is (= [[:a] [:b]] (take 2 v)))))

(deftest held-by-subvec
  (let [v (fresh-vector)
        part (subvec v 10 20)
        more (conj part :x)]
    (change-vector v)
    (is (= (range 10 20) part))
    (is (= (concat (range 10 20) [:x]) more))
    (is (= (range 70) v))))

(deftest held-by-a-transient
  (let [v (fresh-vector) m (fresh-map) s (fresh-set)
        tv (reduce #(assoc! %1 %2 :t) (transient v) (range 70))
        tm (reduce #(assoc! %1 %2 :t) (transient m) (range 70))
        ts (reduce disj! (transient s) (range 70))]
    (is (unchanged? v m s))
    (is (= [(repeat 70 :t) (zipmap (range 70) (repeat :t)) #{}] [(persistent! tv) (persistent! tm) (persistent! ts)]))
    (is (unchanged? v m s))))

(deftest what-a-transient-became-is-independent
  (let [v (persistent! (reduce conj! (transient []) (range 70)))
        w (change-vector v)
        t (persistent! (conj! (transient v) :end))]
    (is (= (range 70) v))
    (is (= [:changed :end] [(nth w 0) (peek t)]))))

(defrecord Holder [items index])

(deftest held-by-a-record
  (let [h (->Holder (fresh-vector) (fresh-map))
        changed (-> h (update :items change-vector) (update :index change-map) (assoc :extra 1))]
    (is (= [(range 70) (fresh-map)] [(:items h) (:index h)]))
    (is (= [:changed :changed 1] [(first (:items changed)) (get-in changed [:index 0]) (:extra changed)]))
    (is (= nil (:extra h)))))

(deftest sorting-copies
  (let [v (vec (reverse (range 70)))
        a (sort v)]
    (is (= (range 70) a))
    (is (= (reverse (range 70)) v))
    (is (= 70 (count (sort-by - v))))
    (is (= (reverse (range 70)) v))))

(deftest user-code-looks-while-a-collection-changes
  (testing "what a function given to update sees is the old collection"
    (let [m (atom (fresh-map))
          seen (atom nil)]
      (swap! m (fn [value] (update value 0 (fn [x] (reset! seen value) [x]))))
      (is (= (fresh-map) @seen))
      (is (= [0] (get @m 0)))))
  (testing "what a comparator does to the collection that is being sorted"
    (let [v [3 1 2]
          longer (atom v)
          sorted (sort (fn [a b] (swap! longer conj [a b]) (compare a b)) v)]
      (is (= [1 2 3] sorted))
      (is (= [3 1 2] v (take 3 @longer))))))

(deftest strings-are-never-written-into
  (let [s (apply str (repeat 100 "a"))
        t (str s "b")
        u (str s "c")]
    (is (= [100 101 101] (map count [s t u])))
    (is (= [\b \c] (map last [t u])))
    (is (= s (apply str (repeat 100 "a"))))))

(deftest conj-leaves-what-others-hold
  (let [v [1 2] w (conj v 3)]
    (is (= [[1 2] [1 2 3]] [v w])))
  (let [v (vec (range 40)) nested (conj v v)]
    (is (= (range 40) v (peek nested))))
  (let [s #{1} x "new"]
    (is (= [#{1} #{1 "new"} "new"] [s (conj s x) x])))
  (is (= [[] [0] [0 1]] (loop [i 0 v [] all []] (if (< i 3) (recur (inc i) (conj v i) (conj all v)) all))))
  (is (= [[1] ["a" "b"]] [(conj nil 1) (let [a (str "a")] (conj [a] (str "b")))]))
  (is (= "not a collection" (let [v (str "kept")] (try (conj 5 v) (catch ClassCastException _ "not a collection")))))
  (testing "when the item is the collection, or comes out of it"
    (is (= [[1] [1]] (let [v [1]] (conj (conj [] v) v))))
    (is (= [[1 [2]] [1 [2] [2]]] (let [v [1 [2]]] [v (conj v (peek v))])))))
