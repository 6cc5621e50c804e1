;; What one operation costs: the first argument names it. A run of `nothing` is taken off.
(defprotocol Sized (size-of [this]))
(defrecord Box [width height] Sized (size-of [_] width))
(defrecord Bag [width] Sized (size-of [_] width))
(defmulti area :kind)
(defmethod area :square [shape] (:width shape))
(defmethod area :circle [shape] 3)

(def times 5000000)

(defmacro timed [& body]
  `(loop [i# 0 sum# 0]
     (if (< i# times) (recur (inc i#) (+ sum# (do ~@body))) sum#)))

(defn nothing [_] (timed 2))
(defn protocol [box] (timed (size-of box)))
(defn keyword-on-record [box] (timed (:width box)))
(defn multimethod [_] (let [shape {:kind :square :width 2}] (timed (area shape))))
(defn swap [_] (let [cell (atom 0)] (timed (do (swap! cell inc) 2))))

(let [operation (symbol (first *command-line-args*))]
  (println ((resolve operation) (->Box 2 3))))
