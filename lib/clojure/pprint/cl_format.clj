;; cl-format: Common Lisp's format. A control string is read into a vector of strings and directives; a directive is a map
;; with its :char (in upper case), :params, the modifiers :colon and :at, and the :clauses of one that has an end.

(in-ns 'clojure.pprint)

(defn- bad-control [control at message]
  (throw (RuntimeException. (str message " (at " at " of the format " (pr-str control) ")"))))

(defn- read-param
  "[parameter index after it]; [nil i] when there is none at i."
  [control i]
  (let [c (get control i)]
    (cond
      (= \' c) [(get control (inc i)) (+ i 2)]
      (contains? #{\v \V} c) [:argument (inc i)]
      (= \# c) [:remaining (inc i)]
      :else (if-let [number (re-find #"^[+-]?\d+" (subs control i))]
              [(parse-long (str/replace number #"^\+" "")) (+ i (count number))]
              [nil i]))))

(defn- read-directive
  "The directive whose ~ is at start, and the index after it."
  [control start]
  (let [[params i] (loop [i (inc start), params []]
                     (let [[param i] (read-param control i)]
                       (if (= \, (get control i))
                         (recur (inc i) (conj params param))
                         [(if (nil? param) params (conj params param)) i])))
        modifiers (re-find #"^[:@]*" (subs control i))
        i (+ i (count modifiers))
        c (get control i)]
    (when (nil? c) (bad-control control start "A directive is not whole"))
    [{:char (first (str/upper-case (str c))), :params params, :at-index start
      :colon (str/includes? modifiers ":"), :at (str/includes? modifiers "@")}
     (inc i)]))

(def ^:private closing {\( \), \{ \}, \[ \]})

(defn- read-control
  "Reads up to the directive that ends (the end of the text when it is nil). Answers [clauses end-directive index], clauses
  being vectors that ~; separates; a clause after ~:; is the default, named by :default."
  [control start end]
  (loop [i start, clause [], clauses [], default nil]
    (let [tilde (str/index-of control "~" i)
          add #(if (< i (or tilde (count control))) (conj clause (subs control i (or tilde (count control)))) clause)]
      (if (nil? tilde)
        (if end
          (bad-control control (dec start) (str "~" end " is missing"))
          {:clauses (conj clauses (add))})
        (let [clause (add)
              [{c :char :as directive} after] (read-directive control tilde)]
          (cond
            (= end c) {:clauses (conj clauses clause), :end directive, :index after, :default default}
            (contains? #{\) \} \]} c) (bad-control control tilde (str "~" c " ends nothing"))
            (= \; c) (recur after [] (conj clauses clause) (if (:colon directive) (inc (count clauses)) default))
            (closing c) (let [inner (read-control control after (closing c))]
                          (recur (:index inner)
                                 (conj clause (assoc directive :clauses (:clauses inner) :end (:end inner)
                                                     :default (:default inner)))
                                 clauses default))
            ;; ~ at the end of a line leaves the line end and the blanks after it out.
            (= \newline c) (let [blanks (count (re-find #"^\s*" (subs control after)))]
                             (recur (if (:colon directive) after (+ after blanks))
                                    (if (:at directive) (conj clause "\n") clause)
                                    clauses default))
            :else (recur after (conj clause directive) clauses default)))))))

;;; Running. The arguments are {:args vector, :at index} in a volatile; a directive that ends the innermost ~{ or the whole
;;; answers :exit.

(def ^:private ^:dynamic *column* nil)

(defn- emit [text]
  (print text)
  (let [line-end (str/last-index-of text "\n")]
    (vswap! *column* #(if line-end (- (count text) line-end 1) (+ % (count text))))
    nil))

(defn- remaining [state]
  (- (count (:args @state)) (:at @state)))

(defn- take-argument [state]
  (let [{:keys [args at]} @state]
    (when-not (< -1 at (count args))
      (throw (Exception. (str "The format asks for more than its " (count args) " arguments"))))
    (vswap! state assoc :at (inc at))
    (nth args at)))

(defn- move-to [state at]
  (vswap! state assoc :at at)
  nil)

(defn- parameters
  "The parameters of a directive under their names, those given."
  [state {:keys [params]} names]
  (into {}
        (keep (fn [[k param]]
                (let [value (case param
                              :argument (take-argument state)
                              :remaining (remaining state)
                              param)]
                  (when (some? value) [k value]))))
        (map vector names params)))

(declare run-clause)

(defn- arguments [args] (volatile! {:args (vec args), :at 0}))

(defn- run-choice [state {:keys [clauses default colon at] :as directive}]
  (cond
    colon (run-clause state (nth clauses (if (take-argument state) 1 0)))
    at (let [here (:at @state)]
         (when (take-argument state)
           (move-to state here)
           (run-clause state (first clauses))))
    :else (let [{:keys [n]} (parameters state directive [:n])
                n (or n (take-argument state))
                clause (or (when (< -1 n (if default default (count clauses))) (nth clauses n))
                           (when default (nth clauses default)))]
            (when clause (run-clause state clause)))))

(defn- run-iteration [state {:keys [clauses end colon at] :as directive}]
  (let [{:keys [n]} (parameters state directive [:n])
        clause (if (= [[]] clauses)
                 (first (:clauses (read-control (take-argument state) 0 nil)))
                 (first clauses))
        inner (if at state (arguments (take-argument state)))]
    (loop [round 0]
      (when (and (or (nil? n) (< round n))
                 (or (pos? (remaining inner)) (and (:colon end) (zero? round))))
        (let [before (:at @inner)
              outcome (run-clause (if colon (arguments (take-argument inner)) inner) clause)]
          (cond
            (and (= :exit outcome) (not colon)) nil
            ;; A round that takes nothing would go on for ever.
            (and (nil? n) (= before (:at @inner))) nil
            :else (recur (inc round))))))))

(defn- captured [f]
  (let [column @*column*
        outcome (volatile! nil)
        text (with-out-str (vreset! outcome (f)))]
    (vreset! *column* column)
    [text @outcome]))

(defn- tabulate [state {:keys [at] :as directive}]
  (let [{:keys [to step] :or {to 1, step 1}} (parameters state directive [:to :step])
        column @*column*
        goal (cond
               at (let [after (+ column to)] (if (pos? step) (* step (quot (+ after (dec step)) step)) after))
               (< column to) to
               (pos? step) (+ column (- step (rem (- column to) step)))
               :else column)]
    (emit (repeated (- goal column) \space))))

(defn- jump [state {:keys [colon at] :as directive}]
  (let [{:keys [n]} (parameters state directive [:n])]
    (move-to state (cond
                     at (or n 0)
                     colon (- (:at @state) (or n 1))
                     :else (+ (:at @state) (or n 1))))))

(defn- plural [state {:keys [colon at]}]
  (when colon (move-to state (dec (:at @state))))
  (let [one (= 1 (take-argument state))]
    (emit (if at (if one "y" "ies") (if one "" "s")))))

(defn- run-directive [state {:keys [colon at] c :char :as directive}]
  (let [params (fn [& names] (parameters state directive names))
        times #(:n (params :n) 1)
        whole-number (fn [radix]
                       (let [ps (params :mincol :padchar :commachar :interval)]
                         (emit (integer-text (take-argument state) radix ps colon at))))
        printed (fn [show]
                  (let [ps (params :mincol :colinc :minpad :padchar)
                        x (take-argument state)]
                    (emit (padded (if (and (nil? x) (= c \A)) "nil" (show x)) ps at))))]
    (case c
      \A (printed print-str)
      \S (printed pr-str)
      \W (emit (pr-str (take-argument state)))
      \D (whole-number 10)
      \B (whole-number 2)
      \O (whole-number 8)
      \X (whole-number 16)
      \R (let [ps (params :radix :mincol :padchar :commachar :interval)]
           (emit (radix-text (take-argument state) ps colon at)))
      \C (emit (character-text (take-argument state) colon at))
      \F (let [ps (params :w :d :k :overflow :padchar)] (emit (fixed-text (take-argument state) ps at)))
      \$ (let [ps (params :d :n :w :padchar)] (emit (money-text (take-argument state) ps colon at)))
      \P (plural state directive)
      \% (emit (repeated (times) \newline))
      \& (let [n (times)]
           (when (pos? n) (emit (repeated (if (zero? @*column*) (dec n) n) \newline))))
      \| (emit (repeated (times) \formfeed))
      \~ (emit (repeated (times) \~))
      \* (jump state directive)
      \T (tabulate state directive)
      \? (let [clause (first (:clauses (read-control (take-argument state) 0 nil)))]
           (run-clause (if at state (arguments (take-argument state))) clause)
           nil)
      \( (let [[text outcome] (captured #(run-clause state (first (:clauses directive))))]
           (emit (in-case text colon at))
           outcome)
      \[ (run-choice state directive)
      \{ (run-iteration state directive)
      \^ (when (zero? (remaining state)) :exit)
      (throw (RuntimeException. (str "cl-format does not know the directive ~" c))))))

(defn- run-clause
  "Runs the parts of a clause; :exit when one of them ends it."
  [state clause]
  (loop [parts (seq clause)]
    (when parts
      (let [part (first parts)
            outcome (if (string? part) (emit part) (run-directive state part))]
        (if (= :exit outcome)
          :exit
          (recur (next parts)))))))

(defn cl-format
  "Formats args as Common Lisp's format does, to writer: nil answers a string, true prints to *out*. Known directives:
  ~A ~S ~W ~D ~B ~O ~X ~R ~C ~F ~$ ~P ~% ~& ~| ~~ ~* ~T ~? ~(…~) ~[…~] ~{…~} ~^ and ~ at the end of a line.

      (cl-format nil \"~D file~:P: ~{~A~^, ~}\" 2 [\"a\" \"b\"])   ; \"2 files: a, b\""
  [writer control & args]
  (let [clause (first (:clauses (read-control control 0 nil)))
        text (with-out-str
               (binding [*column* (volatile! 0)]
                 (run-clause (arguments args) clause)))]
    (cond
      (nil? writer) text
      (true? writer) (print text)
      :else (binding [*out* writer] (print text)))))
