(ns re-mote.repl.script
  "Shell written as forms. What comes from values is always quoted, so a file called \"; rm -rf ~\" is a file."
  (:require [clojure.string :as string]
            [re-mote.repl.words :as words]))

(defn- bad-form [message form]
  (throw (ex-info (str message ": " (pr-str form)) {:type :re-mote/bad-script})))

(declare command)

(defn- part
  "A command within another: shell as it stands keeps to itself."
  [form]
  (if (string? form) (str "{ " form "\n}") (command form)))

(defn- call?
  "Whether a form is (head …) with this symbol before it, of whatever namespace."
  [head form]
  (and (seq? form) (symbol? (first form)) (= head (name (first form)))))

(defn- text
  "The form of a string made of parts, forms or strings; strings beside each other are one."
  [& parts]
  (let [flat (mapcat (fn [p] (if (and (seq? p) (= `str (first p))) (rest p) [p])) parts)
        joined (mapcat (fn [run] (if (string? (first run)) [(apply str run)] run)) (partition-by string? (remove nil? flat)))]
    (if (and (= 1 (count joined)) (string? (first joined)))
      (first joined)
      (cons `str joined))))

(defn- joined [separator parts] (apply text (interpose separator parts)))

(defn- variable
  "$NAME between quotes; also $?, $1 and the like, which a symbol may be."
  [name]
  (if (re-matches #"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[?$#@!*]" name)
    (str "\"$" name "\"")
    (bad-form "This is no variable of the shell" name)))

(defn- glob
  "A pattern of names: *, ? and [a-z] of its strings count, everything else is literal."
  [parts]
  (apply text (map (fn [part]
                     (cond
                       (call? "unquote" part) `(words/quoted ~(second part))
                       (string? part) (apply str (map (fn [run] (if (re-matches #"[*?\[\]A-Za-z0-9_./-]+" run) run (words/quoted run)))
                                                      (re-seq #"[*?\[\]A-Za-z0-9_./-]+|[^*?\[\]A-Za-z0-9_./-]+" part)))
                       :else (bad-form "glob takes strings and ~values" part)))
                   parts)))

(defn- word
  "The form of what a word of a command becomes."
  [form]
  (cond
    (call? "unquote" form) `(words/words ~(second form))
    (call? "unquote-splicing" form) `(words/words (vec ~(second form)))
    (call? "deref" form) (let [x (second form)]
                           (if (symbol? x) (variable (name x)) (text "\"$(" (command x) ")\"")))
    (call? "glob" form) (glob (rest form))
    (and (symbol? form) (string/starts-with? (name form) "$")) (variable (subs (name form) 1))
    (or (symbol? form) (boolean? form)) (words/word (str form))
    (or (string? form) (number? form) (keyword? form)) (words/word form)
    :else (bad-form "A word of a command is text, a number, a symbol, ~value, @VARIABLE, @(command …) or (glob …), found" form)))

(defn- spaced
  "A word of what is printed, which stands in one with the others."
  [form]
  (if (call? "unquote" form) `(words/one ~(second form)) (word form)))

(def ^:private file-tests {"file-exists?" "-e" "file?" "-f" "directory?" "-d" "link?" "-L" "executable?" "-x" "readable?" "-r" "empty?" "-z"})
(def ^:private comparisons {"=" "=" "not=" "!=" "<" "-lt" "<=" "-le" ">" "-gt" ">=" "-ge"})

(defn- file-word [form]
  (if (call? "unquote" form) `(words/path ~(second form)) (word form)))

(defn- condition
  "A form in the place of a condition: tests, their combinations, or any command."
  [form]
  (let [[head & args] (if (seq? form) form [form])
        head (when (symbol? head) (name head))]
    (cond
      (file-tests head) (text "[ " (file-tests head) " " (file-word (first args)) " ]")
      (comparisons head) (text "[ " (word (first args)) " " (comparisons head) " " (word (second args)) " ]")
      (= "not" head) (text "! " (condition (first args)))
      (= "and" head) (text "{ " (joined " && " (map condition args)) "; }")
      (= "or" head) (text "{ " (joined " || " (map condition args)) "; }")
      (#{"pipe" "chain-and" "chain-or"} head) (text "{ " (command form) "; }")
      :else (part form))))

(defn- block [forms] (if (seq forms) (joined "; " (map part forms)) ":"))

(defn- choice [negated condition-form then else]
  (text "if " negated (condition condition-form) "; then " (block then)
        (when (seq else) (text "; else " (block else))) "; fi"))

(defn- loop-over [[name coll] body]
  (text "for " (words/variable-name name) " in "
        (if (vector? coll) (joined " " (map word coll)) (word coll))
        "; do " (block body) "; done"))

(defn- alternatives [value clauses]
  (let [[pairs default] (if (odd? (count clauses)) [(butlast clauses) [(last clauses)]] [clauses nil])]
    (text "case " (word value) " in "
          (joined " " (concat (map (fn [[pattern form]] (text (word pattern) ") " (part form) ";;")) (partition 2 pairs))
                              (map (fn [form] (text "*) " (part form) ";;")) default)))
          " esac")))

(defn- command
  "The form of the text that one form becomes."
  [form]
  (if-not (and (seq? form) (seq form))
    (if (string? form) form (bad-form "A script is made of lists, such as (mkdir -p ~folder), and of strings of shell, found" form))
    (let [[head & args] form
          [a b c] args]
      (case (when (symbol? head) (name head))
        "do" (text "{ " (block args) "; }")
        "if" (choice "" a [b] (when c [c]))
        "if-not" (choice "! " a [b] (when c [c]))
        "when" (choice "" a (rest args) nil)
        "when-not" (choice "! " a (rest args) nil)
        "while" (text "while " (condition a) "; do " (block (rest args)) "; done")
        "doseq" (loop-over a (rest args))
        "case" (alternatives a (rest args))
        "pipe" (joined " | " (map condition args))
        "chain-and" (joined " && " (map condition args))
        "chain-or" (joined " || " (map condition args))
        "set!" (text (words/variable-name a) "=" (word b))
        "println" (text "printf '%s\\n' " (joined "' '" (map spaced args)))
        "quiet" (text "{ " (block args) "; } >/dev/null 2>&1")
        "write-to" (text "{ " (block (rest args)) "; } > " (file-word a))
        "append-to" (text "{ " (block (rest args)) "; } >> " (file-word a))
        ("file-exists?" "file?" "directory?" "link?" "executable?" "readable?" "empty?" "not" "and" "or" "=" "not=" "<" "<=" ">" ">=")
        (condition form)
        (joined " " (map word form))))))

(defmacro script
  "A piece of shell, written as forms, as a string. A list is a command: symbols, strings and numbers in it are its words, and
  ~value puts in a value, quoted (a collection becomes several words). Nothing in it is ever expanded, but for

      @NAME @(command …)               the variable NAME; what a command prints
      (glob \"/var/log/*.\" ~ending)     names that match a pattern

  and these are no commands:

      (if c a b) (if-not …) (when c …) (when-not …) (while c …) (doseq [x [\"a\" \"b\"]] …) (case @X \"a\" (…) (…)) (do …)
      (pipe (…) (…)) (chain-and (…) (…)) (chain-or (…) (…)) (set! NAME value) (println …)
      (quiet …) (write-to file …) (append-to file …)

  Conditions are commands, or (file-exists? f) (file? f) (directory? f) (link? f) (executable? f) (readable? f) (empty? @X)
  (= a b) (not= a b) (< a b) …, and not, and, or of them. A string in the place of a command is shell as it stands.

    (let [folder \"/srv/my app\"]
      (script (if (not (directory? ~folder)) (mkdir -p ~folder))
              (pipe (ps aux) (grep -c ~folder))))
    ;=> \"if ! [ -d '/srv/my app' ]; then mkdir -p '/srv/my app'; fi\\nps aux | grep -c '/srv/my app'\"
    (run (exec hs (script (set! KERNEL @(uname -r)) (println @KERNEL))) | (pretty))"
  {:category :shell}
  [& forms]
  (joined "\n" (map command forms)))
