;; Numbers: what is not native.

(in-ns 'clojure.core)

(defmacro with-precision
  "Evaluates body with the results of decimal arithmetic (+ - * / of M numbers) rounded to that many significant digits.
  The rounding may be named first: :rounding and one of UP, DOWN, CEILING, FLOOR, HALF_UP (which holds when none is
  named), HALF_DOWN, HALF_EVEN, UNNECESSARY. It holds for this thread, and for futures started inside.

      (with-precision 3 (/ 2M 3))                        ; 0.667M
      (with-precision 3 :rounding DOWN (/ 2M 3))         ; 0.666M"
  {:added "1.0"}
  [precision & body]
  (let [named? (= :rounding (first body))
        rounding (if named? (name (second body)) "HALF_UP")
        body (if named? (nnext body) body)]
    `(binding [*math-context* (reops.internal/math-context ~precision ~rounding)]
       ~@body)))
