;; Asks the JVM's Clojure what arithmetic answers, and prints the rows of number_oracle.inc:
;;
;;     clojure tests/lang/number_oracle.clj > tests/lang/number_oracle.inc
;;
;; A row is {operation, first operand, second operand, answer}; an error is the class's name after an exclamation mark.
;; Everything is called through apply, so that the general functions answer and not what the compiler makes of literals.

(require (quote [clojure.string :as string]))

(def operands
  ["0" "1" "-1" "7" "-12" "4611686018427387904" "9223372036854775807" "-9223372036854775808"
   "3N" "-170141183460469231731687303715884105728N" "1/3" "-7/2" "0.0" "2.5" "-1.0E20" "1.50M" "-3M" "1E+3M"])

(def binary
  {"+" + "-" - "*" * "/" / "+'" +' "-'" -' "*'" *' "quot" quot "rem" rem "mod" mod "<" < "<=" <= "==" == "=" =})

(def unary
  {"neg" - "neg'" -' "inc" inc "dec'" dec' "abs" abs "rationalize" rationalize "bigint" bigint "bigdec" bigdec
   "double" double "str" str "long" long})

(defn answer [f & args]
  (try (pr-str (apply f args))
       (catch Throwable e (str "!" (.getSimpleName (class e))))))

(defn known-difference?
  "Where we answer otherwise on purpose (docs/differences.md): a double divided by zero; the one integer quotient that
  overflows; the order of a ratio and a decimal, where the JVM fails for 1/3; and the least integer subtracted, which
  the JVM's general function negates first and only its compiler does right."
  [op a b]
  (let [[x y] (map read-string [a b])]
    (or (and (= op "/") (zero? y) (or (double? x) (double? y)))
        (and (#{"/" "quot"} op) (= x Long/MIN_VALUE) (= y -1))
        (and (= op "/") (int? x) (= y Long/MIN_VALUE))
        (and (#{"-" "-'"} op) (= y Long/MIN_VALUE))
        (and (#{"<" "<=" "=="} op) (some ratio? [x y]) (some decimal? [x y])))))

(defn row [& texts] (println (str "{" (string/join ", " (map pr-str texts)) "},")))

(doseq [[op f] binary, a operands, b operands :when (not (known-difference? op a b))]
  (row op a b (answer f (read-string a) (read-string b))))
(doseq [[op f] unary, a (concat operands ["1.0E10" "12345.678" "-0.0" "1E-10M" "0.00M" "22/7"])]
  (row op a "" (answer f (read-string a))))
