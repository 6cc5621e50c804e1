;; Asks the JVM's Clojure what format answers, and prints the rows of format_oracle.inc:
;;
;;     clojure tests/lang/format_oracle.clj > tests/lang/format_oracle.inc
;;
;; A row is {format, number or text as read, answer}; an error is "!". Strings stand for themselves.

(def integers ["0" "7" "-42" "1234567" "-9223372036854775808" "nil"])
(def reals ["0.0" "-0.0" "0.5" "1.5" "2.5" "0.25" "1.005" "-1234567.891" "1.0E10" "9.9999" "0.00012345" "1.0E-5" "123456.5" "99999.95"
            "1.7976931348623157E308" "4.9E-324" "##Inf" "##-Inf" "##NaN" "1.50M" "-1234.5678M" "1E+3M" "0.00M" "1E-10M" "nil"])
(def texts ["\"web7\"" "\"\"" "\"grün und weiß\"" "nil" ":k" "12" "true" "false" "\\c"])

(def integer-formats ["%d" "%5d" "%-5d|" "%05d" "%+d" "% d" "%,d" "%(d" "%,015d" "%(,20d" "%+,d" "%x" "%X" "%#x" "%o" "%#o" "%08x" "%#010x" "%-8x|"
                      "%+x" "%.2d" "%s" "%10s" "%1$d %1$x" "%d %<d" "%+ d" "%-05d" "%-d" "%0d"])
(def real-formats ["%f" "%.0f" "%.1f" "%.2f" "%10.3f" "%-10.1f|" "%010.2f" "%+.1f" "% .1f" "%,.2f" "%(.2f" "%#.0f" "%.20f" "%e" "%.0e" "%.2e" "%E"
                   "%12.3e" "%g" "%.3g" "%G" "%.0g" "%,g" "%s" "%#.0e" "%(,015.2f" "%,e"])
(def text-formats ["%s" "%S" "%10s" "%-10s|" "%.2s" "%10.3s" "%b" "%B" "%5.1b" "a%sb" "%%" "%5%" "%-5%|" "%n" "%1$s%1$s" "%s%<s" "%" "%q" "%+s" "%2$s" "%s %s"
                   "%.s" "%5n" "plain"])

(defn answer [fmt arg]
  (try (format fmt arg)
       (catch java.util.IllegalFormatException _ "!")))

;; A decimal zero keeps its scale as an exponent on the JVM (0.000000e-02); we write e+00.
(defn known-difference? [fmt arg] (and (= arg "0.00M") (re-find #"[eEgG]$" fmt)))

(doseq [[formats args] [[integer-formats integers] [real-formats reals] [text-formats texts]], fmt formats, arg args
        :when (not (known-difference? fmt arg))]
  (println (str "{" (pr-str fmt) ", " (pr-str arg) ", " (pr-str (answer fmt (read-string arg))) "},")))
