(ns reops.completion.context
  "What the text before a cursor says about what may be typed there: whether it is inside a string, which forms are open
  around it, and the local names that they bind. The text need not be readable, and nothing of it is evaluated.")

(def ^:private token-pattern
  ;; A string, perhaps an open one; a comment; a character; a bracket; a word.
  #"(?s)\"(?:\\.|[^\"\\])*\"?|;[^\n]*|\\(?:[^\s()\[\]{}\",;]+|.)|[()\[\]{}]|[^\s()\[\]{}\",;]+")

(def ^:private binding-heads
  "Forms whose first vector has pairs of a name and its value."
  #{"let" "let*" "loop" "loop*" "for" "doseq" "dotimes" "binding" "with-open" "with-redefs" "when-let" "if-let"
    "when-some" "if-some" "when-first" "with-temp-dir"})

(def ^:private function-heads
  "Forms whose vectors have parameters, or fields."
  #{"fn" "fn*" "defn" "defn-" "defmacro" "defmethod" "bound-fn" "defrecord" "deftype"})

(def ^:private method-heads
  "Forms in which lists like (name [parameters] …) define functions."
  #{"defrecord" "deftype" "reify" "extend-type" "extend-protocol" "letfn"})

(defn- open? [token] (contains? #{"(" "[" "{"} token))
(defn- close? [token] (contains? #{")" "]" "}"} token))
(defn- string-token? [token] (= \" (first token)))
(defn- closed-string? [token]
  (boolean (re-matches #"(?s)\"(?:\\.|[^\"\\])*\"" token)))

(defn- node [bracket] {:bracket bracket :items []})

(defn- add [stack item]
  (conj (pop stack) (update (peek stack) :items conj item)))

(defn- close [stack]
  (if (next stack)
    (add (pop stack) (peek stack))
    stack))

(defn- step
  "One token more on the stack of open forms."
  [stack token]
  (cond
    (open? token) (conj stack (node token))
    (close? token) (close stack)
    (= \; (first token)) stack
    (string-token? token) (add stack token)
    ;; Quotes, metadata and the like before a bracket or a name say nothing about names.
    :else (if-let [word (re-find #"[^'`@~#^].*" token)]
            (add stack word)
            stack)))

(defn- open-forms
  "The forms that are open at the end, outermost first, each with what it has so far, the open form inside it included."
  [tokens]
  (let [stack (reduce step [(node "")] tokens)]
    (rest (reverse (reductions (fn [inner outer] (update outer :items conj inner)) (reverse stack))))))

(defn- form? [bracket x] (and (map? x) (= bracket (:bracket x))))
(defn- vector-form? [x] (form? "[" x))
(defn- first-vector [form] (first (filter vector-form? (:items form))))

(defn- head
  "The name at the head of a list, without its namespace."
  [form]
  (let [word (first (:items form))]
    (when (and (form? "(" form) (string? word))
      (re-find #"[^/]+$|^/$" word))))

(defn- name? [token]
  (and (string? token) (re-find #"^[^\d:\"\\&]" token) (not= "_" token)))

(declare bound-names)

(defn- names-of-map
  "The names that a map bound by destructuring stands for."
  [items]
  (mapcat (fn [[target value]]
            (cond
              (map? target) (bound-names target)
              (= ":as" target) (bound-names value)
              (re-find #"^:(?:.*/)?(?:keys|syms|strs)$" target) (bound-names value)
              (name? target) [target]))
          (partition-all 2 items)))

(defn- bound-names
  "The names that a binding form, destructured or not, stands for."
  [target]
  (cond
    (name? target) [target]
    (form? "[" target) (mapcat bound-names (:items target))
    (form? "{" target) (names-of-map (:items target))))

(defn- names-of-pairs [bindings]
  (mapcat (fn [[target value]]
            (if (= ":let" target)
              (names-of-pairs value)
              (bound-names target)))
          (partition-all 2 (:items bindings))))

(defn- names-of-form
  "The names that an open form binds inside itself; `outer` is the form around it, and `outermost` the one around that."
  [outermost outer form]
  (let [[first-item second-item third-item] (:items form)
        head-name (head form)]
    (cond
      (contains? binding-heads head-name) (names-of-pairs (first-vector form))
      (contains? function-heads head-name) (bound-names (first-vector form))
      (contains? #{"catch" "as->"} head-name) (bound-names third-item)
      (and (vector-form? first-item) (contains? function-heads (head outer))) (bound-names first-item)
      (and (vector-form? second-item)
           (or (contains? method-heads (head outer)) (= "letfn" (head outermost)))) (bound-names second-item))))

(defn read-context
  "What `text`, all that stands before the word under the cursor, says about its place:

      :string  the text since the opening quote, when the place is inside a string
      :locals  the names that the forms around the place bind, innermost first
      :heads   the names at the head of the open lists, innermost first
      :before  the items before the place in the innermost form, and in the one around it"
  [text]
  (let [tokens (re-seq token-pattern text)
        last-token (last tokens)
        in-string? (and last-token (string-token? last-token) (not (closed-string? last-token)))
        forms (open-forms (if in-string? (butlast tokens) tokens))
        around (concat [nil nil] forms)]
    {:string (when in-string? (subs last-token 1))
     :locals (distinct (apply concat (reverse (map names-of-form around (rest around) forms))))
     :heads (keep head (reverse forms))
     :before (mapv :items (take 2 (reverse forms)))}))
