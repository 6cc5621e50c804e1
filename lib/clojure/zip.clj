(ns clojure.zip
  "Walking about in a tree and changing it, without changing it: a location is a node together with the way that led to
  it. Every move and every edit answers a new location, `root` the whole tree with the edits.

      (-> (vector-zip [1 [2 3]]) down right down (edit inc) root)   ; [1 [3 3]]"
  (:refer-clojure :exclude [next remove replace]))

;; A location is [node crumb] with the functions of its kind of tree as metadata. The crumb of the root is nil; below it
;; is {:left nodes, :right nodes, :up location of the parent, :changed true when the parent's children are no longer these}.
;; After the last node a walk is at [node :end].

(defn zipper
  "The location of the root of a tree. branch? tells whether a node can have children, children answers those of a
  branch (or nil), make-node a branch like the one given with other children."
  [branch? children make-node root]
  ^{:zip/branch? branch? :zip/children children :zip/make-node make-node}
  [root nil])

(defn seq-zip
  "A zipper over nested sequences."
  [root]
  (zipper seq? identity (fn [node children] (with-meta children (meta node))) root))

(defn vector-zip
  "A zipper over nested vectors."
  [root]
  (zipper vector? seq (fn [node children] (with-meta (vec children) (meta node))) root))

(defn xml-zip
  "A zipper over elements of XML as maps with :content."
  [root]
  (zipper (complement string?) (comp seq :content)
          (fn [node children] (assoc node :content (and children (vec children))))
          root))

(defn node
  "The node at a location."
  [loc]
  (nth loc 0))

(defn- crumb [loc] (nth loc 1))

(defn- at
  "A location of the same tree."
  [loc node crumb]
  (with-meta [node crumb] (meta loc)))

(defn branch?
  "True if the node can have children."
  [loc]
  ((:zip/branch? (meta loc)) (node loc)))

(defn children
  "The children of a branch."
  [loc]
  (if (branch? loc)
    ((:zip/children (meta loc)) (node loc))
    (throw (Exception. (str "A leaf has no children: " (pr-str (node loc)))))))

(defn make-node
  "A branch like node with these children; loc says of which kind of tree."
  [loc node children]
  ((:zip/make-node (meta loc)) node children))

(defn- ancestors-of
  "The locations above, the root first."
  [loc]
  (loop [loc loc, above ()]
    (if-let [up (:up (crumb loc))]
      (recur up (cons up above))
      above)))

(defn path
  "The nodes that led here, the root first; nil at the root."
  [loc]
  (not-empty (mapv node (ancestors-of loc))))

(defn lefts
  "The siblings to the left."
  [loc]
  (seq (:left (crumb loc))))

(defn rights
  "The siblings to the right."
  [loc]
  (seq (:right (crumb loc))))

(defn down
  "The leftmost child, or nil."
  [loc]
  (when (branch? loc)
    (when-let [[child & others] (seq (children loc))]
      (at loc child {:left [], :right others, :up loc}))))

(defn up
  "The parent, with the edits made below it, or nil at the root."
  [loc]
  (let [{:keys [left right up changed]} (crumb loc)]
    (when up
      (if changed
        (at loc
            (make-node loc (node up) (seq (concat left (cons (node loc) right))))
            (when-let [above (crumb up)] (assoc above :changed true)))
        up))))

(defn root
  "The whole tree, with all edits."
  [loc]
  (if (= :end (crumb loc))
    (node loc)
    (if-let [parent (up loc)]
      (recur parent)
      (node loc))))

(defn right
  "The sibling to the right, or nil."
  [loc]
  (let [{:keys [left right] :as here} (crumb loc)]
    (when (and here (seq right))
      (at loc (first right) (assoc here :left (conj left (node loc)) :right (clojure.core/next right))))))

(defn rightmost
  "The rightmost sibling, or this location."
  [loc]
  (if-let [further (right loc)]
    (recur further)
    loc))

(defn left
  "The sibling to the left, or nil."
  [loc]
  (let [{:keys [left right] :as here} (crumb loc)]
    (when (and here (seq left))
      (at loc (peek left) (assoc here :left (pop left) :right (cons (node loc) right))))))

(defn leftmost
  "The leftmost sibling, or this location."
  [loc]
  (let [{:keys [left right] :as here} (crumb loc)]
    (if (and here (seq left))
      (at loc (first left) (assoc here :left [] :right (concat (rest left) [(node loc)] right)))
      loc)))

(defn- below-root
  "The crumb, for an edit that the root does not have a place for."
  [loc what]
  (or (crumb loc)
      (throw (Exception. (str what " at the top")))))

(defn insert-left
  "Puts a node before this one, without moving."
  [loc item]
  (let [here (below-root loc "Insert")]
    (at loc (node loc) (assoc here :left (conj (:left here) item) :changed true))))

(defn insert-right
  "Puts a node after this one, without moving."
  [loc item]
  (let [here (below-root loc "Insert")]
    (at loc (node loc) (assoc here :right (cons item (:right here)) :changed true))))

(defn replace
  "Puts another node in the place of this one."
  [loc node]
  (at loc node (when-let [here (crumb loc)] (assoc here :changed true))))

(defn edit
  "Replaces the node by (f node args…)."
  [loc f & args]
  (replace loc (apply f (node loc) args)))

(defn insert-child
  "Puts a node before the children of this one, without moving."
  [loc item]
  (replace loc (make-node loc (node loc) (cons item (children loc)))))

(defn append-child
  "Puts a node after the children of this one, without moving."
  [loc item]
  (replace loc (make-node loc (node loc) (concat (children loc) [item]))))

(defn end?
  "True when a walk by `next` is over."
  [loc]
  (= :end (crumb loc)))

(defn next
  "The next location of a walk through the whole tree, each branch before its children. After the last one it is a
  location for which end? is true, where it stays."
  [loc]
  (if (end? loc)
    loc
    (or (down loc)
        (right loc)
        (loop [loc loc]
          (if-let [parent (up loc)]
            (or (right parent) (recur parent))
            (at loc (node loc) :end))))))

(defn- last-below
  "The last location of the walk through the tree under loc."
  [loc]
  (if-let [child (down loc)]
    (recur (rightmost child))
    loc))

(defn prev
  "The location before this one in a walk, nil at the root."
  [loc]
  (if-let [before (left loc)]
    (last-below before)
    (up loc)))

(defn remove
  "Takes the node away, and answers the location before it in a walk."
  [loc]
  (let [{:keys [left right up] :as here} (below-root loc "Remove")]
    (if (seq left)
      (last-below (at loc (peek left) (assoc here :left (pop left) :changed true)))
      (at loc
          (make-node loc (node up) right)
          (when-let [above (crumb up)] (assoc above :changed true))))))
