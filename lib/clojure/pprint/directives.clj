;; What the directives of cl-format print for one argument: numbers in words, in groups, in columns.

(in-ns 'clojure.pprint)

(defn- repeated [n c] (str/join (repeat n c)))

(defn- padded
  "text in at least mincol columns (in steps of colinc, with at least minpad of them), on the left side when left is true."
  [text {:keys [mincol colinc minpad padchar] :or {mincol 0, colinc 1, minpad 0, padchar \space}} left]
  (let [missing (- mincol minpad (count text))
        n (+ minpad (if (pos? missing) (* colinc (quot (+ missing (dec colinc)) colinc)) 0))
        padding (repeated n padchar)]
    (if left (str padding text) (str text padding))))

(defn- in-radix [n radix]
  (if (zero? n)
    "0"
    (loop [n (if (neg? n) (-' n) n), digits ()]
      (if (zero? n)
        (str/join digits)
        (recur (quot n radix) (cons (nth "0123456789abcdefghijklmnopqrstuvwxyz" (rem n radix)) digits))))))

(defn- in-groups [digits commachar interval]
  (let [head (rem (count digits) interval)
        groups (map str/join (partition interval (drop head digits)))]
    (str/join commachar (if (pos? head) (cons (subs digits 0 head) groups) groups))))

(defn- integer-text
  "An integer in a radix, as ~D and its like print it; anything else as ~A does."
  [x radix {:keys [mincol padchar commachar interval] :or {mincol 0, padchar \space, commachar \,, interval 3}} colon at]
  (if (integer? x)
    (let [digits (in-radix x radix)
          digits (if colon (in-groups digits commachar interval) digits)
          sign (cond (neg? x) "-" at "+" :else "")]
      (padded (str sign digits) {:mincol mincol, :padchar padchar} true))
    (padded (str x) {:mincol mincol, :padchar padchar} true)))

(def ^:private ones
  ["zero" "one" "two" "three" "four" "five" "six" "seven" "eight" "nine" "ten" "eleven" "twelve" "thirteen" "fourteen"
   "fifteen" "sixteen" "seventeen" "eighteen" "nineteen"])

(def ^:private tens
  ["" "" "twenty" "thirty" "forty" "fifty" "sixty" "seventy" "eighty" "ninety"])

(def ^:private powers
  ["" "thousand" "million" "billion" "trillion" "quadrillion" "quintillion" "sextillion" "septillion" "octillion"
   "nonillion" "decillion"])

(def ^:private ordinals
  {"one" "first", "two" "second", "three" "third", "five" "fifth", "eight" "eighth", "nine" "ninth", "twelve" "twelfth"})

(defn- below-thousand [n]
  (let [hundreds (quot n 100), n (rem n 100)
        small (cond
                (< n 20) (when (pos? n) (ones n))
                (zero? (rem n 10)) (tens (quot n 10))
                :else (str (tens (quot n 10)) "-" (ones (rem n 10))))]
    (str/join " " (remove nil? [(when (pos? hundreds) (str (ones hundreds) " hundred")) small]))))

(defn- cardinal [n]
  (if (zero? n)
    "zero"
    (let [groups (take-while some? (map second (rest (iterate (fn [[n _]] (when (pos? n) [(quot n 1000) (rem n 1000)]))
                                                              [(if (neg? n) (-' n) n) nil]))))]
      (if (> (count groups) (count powers))
        (integer-text n 10 {} true false)
        (str (when (neg? n) "minus ")
             (->> (map vector groups powers)
                  (remove (comp zero? first))
                  (map (fn [[group power]] (str (below-thousand group) (when (seq power) (str " " power)))))
                  reverse
                  (str/join ", ")))))))

(defn- ordinal [n]
  (if (zero? n)
    "zeroth"
    (let [text (cardinal n)
          [_ before last-word] (re-matches #"(?s)(.*?)([a-z0-9]+)" text)]
      (str before
           (cond
             (ordinals last-word) (ordinals last-word)
             (str/ends-with? last-word "y") (str (subs last-word 0 (dec (count last-word))) "ieth")
             :else (str last-word "th"))))))

(defn- roman [n old]
  (loop [n n, text "",
         steps (concat [[1000 "M"]]
                       (mapcat (fn [[unit one five ten]]
                                 (if old
                                   [[(* 5 unit) five] [unit one]]
                                   [[(* 9 unit) (str one ten)] [(* 5 unit) five] [(* 4 unit) (str one five)] [unit one]]))
                               [[100 "C" "D" "M"] [10 "X" "L" "C"] [1 "I" "V" "X"]]))]
    (if-let [[value letters] (first steps)]
      (if (>= n value)
        (recur (- n value) (str text letters) steps)
        (recur n text (rest steps)))
      text)))

(defn- radix-text [x {:keys [radix] :as params} colon at]
  (cond
    radix (integer-text x radix params colon at)
    (not (integer? x)) (str x)
    (and at (< 0 x (if colon 5000 4000))) (roman x colon)
    at (integer-text x 10 {} true false)
    colon (ordinal x)
    :else (cardinal x)))

(defn- plain-decimal
  "A number as digits around a point, without an exponent."
  [x]
  (let [text (str (double x))]
    (if (str/includes? text "E")
      (let [[whole fraction] (str/split (format "%.20f" (double x)) #"\.")
            fraction (str/replace fraction #"0+$" "")]
        (str whole "." (if (= "" fraction) "0" fraction)))
      text)))

(defn- fixed-text
  "~F: width w, d digits after the point, a scale of 10^k."
  [x {:keys [w d k overflow padchar] :or {k 0, padchar \space}} at]
  (if-not (number? x)
    (padded (str x) {:mincol (or w 0)} true)
    (let [x (* x (Math/pow 10 k))
          text (if d (format (str "%." d "f") (double x)) (plain-decimal x))
          text (if (and d (zero? d)) (str text ".") text)
          text (if (and at (not (neg? x))) (str "+" text) text)
          ;; The zero before the point makes room where it is needed.
          text (if (and w (> (count text) w)) (str/replace-first text #"^([+-]?)0\." "$1.") text)]
      (if (and w overflow (> (count text) w))
        (repeated w overflow)
        (padded text {:mincol (or w 0), :padchar padchar} true)))))

(defn- money-text
  "~$: d digits after the point, at least n before it, width w."
  [x {:keys [d n w padchar] :or {d 2, n 1, w 0, padchar \space}} colon at]
  (let [[whole fraction] (str/split (format (str "%." d "f") (double (if (neg? x) (- x) x))) #"\.")
        sign (cond (neg? x) "-" at "+" :else "")
        digits (str (repeated (- n (count whole)) \0) whole (when fraction (str "." fraction)))
        room (- w (count sign) (count digits))]
    (if colon
      (str sign (repeated room padchar) digits)
      (str (repeated room padchar) sign digits))))

(def ^:private character-names
  {\space "Space", \newline "Newline", \tab "Tab", \return "Return", \backspace "Backspace", \formfeed "Page"})

(defn- character-text [c colon at]
  (cond
    at (pr-str c)
    colon (get character-names c (str c))
    :else (str c)))

(defn- capitalized
  "Each word with its first letter in upper case."
  [text]
  (str/replace (str/lower-case text) #"[\p{L}\p{N}]+" str/capitalize))

(defn- in-case [text colon at]
  (cond
    (and colon at) (str/upper-case text)
    colon (capitalized text)
    at (let [text (str/lower-case text)]
         (str/replace-first text #"\p{L}" str/upper-case))
    :else (str/lower-case text)))
