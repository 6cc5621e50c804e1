(ns re-mote.repl.words
  "Text as words of a POSIX shell: whatever it holds, the shell sees one word and nothing in it is obeyed."
  (:require [clojure.string :as string]))

(defn- unfit [message]
  (throw (ex-info message {:type :re-mote/bad-word})))

(defn quoted
  "Text between quotes, as one word of the shell."
  [text]
  (let [text (str text)]
    (when (string/includes? text "\u0000")
      (unfit "A word of the shell cannot hold the character 0"))
    (str "'" (string/replace text "'" "'\\''") "'")))

(defn word
  "A value as one word, without quotes where it needs none: text, a number, or the name of a keyword or symbol. nil is an error: a
  command with a hole does what nobody meant."
  [x]
  (let [text (cond
               (nil? x) (unfit "nil was given where a command takes a word")
               (or (keyword? x) (symbol? x)) (name x)
               (or (string? x) (number? x)) (str x)
               :else (unfit (str "A word of the shell is text, a number, a keyword or a symbol, found " (pr-str x))))]
    (if (re-matches #"[A-Za-z0-9_@%+:,./-]+" text) text (quoted text))))

(defn words
  "A value as words: each of a collection, or the one."
  [x]
  (string/join " " (if (or (sequential? x) (set? x)) (map word x) [(word x)])))

(defn one
  "A value as one word: those of a collection with spaces between."
  [x]
  (if (or (sequential? x) (set? x)) (quoted (string/join " " x)) (word x)))

(defn flags
  "Flags written in one string, each a word."
  [text]
  (string/join " " (map word (remove string/blank? (string/split (str text) #"\s+")))))

(defn path
  "The name of a file as one word, which no command takes for a flag. ~ and ~/ before it stand for the home of the user there."
  [text]
  (cond
    (string/blank? (str text)) (unfit (str "A file needs a name, found " (pr-str text)))
    (= "~" text) "\"$HOME\""
    (string/starts-with? text "~/") (str "\"$HOME\"/" (word (subs text 2)))
    (string/starts-with? text "-") (word (str "./" text))
    :else (word text)))

(defn variable-name
  "The name of a variable of the shell: letters, digits and _."
  [x]
  (let [text (if (string? x) x (name x))]
    (when-not (re-matches #"[A-Za-z_][A-Za-z0-9_]*" text)
      (unfit (str "A variable of the shell is named by letters, digits and _, found " (pr-str text))))
    text))

(defn line
  "Text as one line, which reading makes the same text of again."
  [text]
  (-> text (string/replace "\\" "\\\\") (string/replace "\n" "\\n")))

(defn reading
  "A piece of shell that reads variables for the environment from its standard input, a line each (see line)."
  [names]
  (apply str (map (fn [k]
                    (let [v (variable-name k)]
                      (str "IFS= read -r " v " || exit\n"
                           v "=$(printf '%b.' \"$" v "\"); " v "=${" v "%.}; export " v "\n")))
                  names)))

(defn within
  "A piece of shell, run in a folder and with variables in its environment, as far as they are given."
  [script {:keys [cwd env]}]
  (str (when cwd (str "cd -- " (path cwd) " || exit\n"))
       (apply str (map (fn [[k v]] (str "export " (variable-name k) "=" (word v) "\n")) env))
       script))
