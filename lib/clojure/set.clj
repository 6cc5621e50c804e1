(ns clojure.set
  "Sets as sets, and sets of maps as relations.")

(defn union
  "The elements that are in any of the sets."
  ([] #{})
  ([s] s)
  ([s1 s2]
   (if (< (count s1) (count s2))
     (reduce conj s2 s1)
     (reduce conj s1 s2)))
  ([s1 s2 & sets]
   (reduce union (union s1 s2) sets)))

(defn intersection
  "The elements that are in every one of the sets."
  ([s] s)
  ([s1 s2]
   (if (< (count s2) (count s1))
     (recur s2 s1)
     (reduce (fn [out x] (if (contains? s2 x) out (disj out x))) s1 s1)))
  ([s1 s2 & sets]
   (reduce intersection (intersection s1 s2) sets)))

(defn difference
  "The elements of the first set that are in none of the others."
  ([s] s)
  ([s1 s2]
   (if (< (count s1) (count s2))
     (reduce (fn [out x] (if (contains? s2 x) (disj out x) out)) s1 s1)
     (reduce disj s1 s2)))
  ([s1 s2 & sets]
   (reduce difference (difference s1 s2) sets)))

(defn select
  "The elements of the set for which pred is true."
  [pred xset]
  (reduce (fn [out x] (if (pred x) out (disj out x))) xset xset))

(defn subset?
  "True when every element of the first set is in the second."
  [set1 set2]
  (and (<= (count set1) (count set2))
       (every? (fn [x] (contains? set2 x)) set1)))

(defn superset?
  "True when every element of the second set is in the first."
  [set1 set2]
  (subset? set2 set1))

(defn rename-keys
  "The map with the keys that kmap has replaced by their values in it."
  [m kmap]
  (reduce-kv (fn [out from to]
               (if-let [entry (find m from)]
                 (assoc out to (val entry))
                 out))
             (apply dissoc m (keys kmap))
             kmap))

(defn map-invert
  "The map from values to keys."
  [m]
  (reduce-kv (fn [out k v] (assoc out v k)) {} m))

(defn project
  "The relation with only the keys ks in every map."
  [xrel ks]
  (with-meta (set (map (fn [m] (select-keys m ks)) xrel)) (meta xrel)))

(defn rename
  "The relation with the keys of every map renamed as `rename-keys` does."
  [xrel kmap]
  (with-meta (set (map (fn [m] (rename-keys m kmap)) xrel)) (meta xrel)))

(defn index
  "A map from each combination of values of the keys ks, as a map, to the set of the maps of the relation that have it."
  [xrel ks]
  (reduce (fn [out m]
            (let [k (select-keys m ks)]
              (assoc out k (conj (get out k #{}) m))))
          {}
          xrel))

(defn join
  "The natural join of two relations: every map of one merged with those of the other that agree in the keys both have.
  With km, a map from keys of xrel to keys of yrel, those have to agree instead."
  ([xrel yrel]
   (if (and (seq xrel) (seq yrel))
     (let [common (intersection (set (keys (first xrel))) (set (keys (first yrel))))]
       (join xrel yrel (zipmap common common)))
     #{}))
  ([xrel yrel km]
   (let [by-key (index yrel (vals km))]
     (reduce (fn [out x]
               (reduce (fn [out y] (conj out (merge y x)))
                       out
                       (get by-key (rename-keys (select-keys x (keys km)) km))))
             #{}
             xrel))))
