;; Text streams in `clojure.core`: what binds *out* and *in*, and what reads lines.

(in-ns 'clojure.core)

(defmacro with-out-str
  "Evaluates body and returns what it printed to *out*, as a string.

    (with-out-str (print 1) (print 2)) ;=> \"12\""
  [& body]
  `(let [writer# (reops.internal/string-writer)]
     (binding [*out* writer#]
       ~@body)
     (reops.internal/writer-text writer#)))

(defmacro with-in-str
  "Evaluates body with *in* reading the text s.

    (with-in-str \"1 2\" [(read) (read)]) ;=> [1 2]"
  [s & body]
  `(binding [*in* (reops.internal/string-reader ~s)]
     ~@body))

(defn line-seq
  "A lazy sequence of the lines that a reader still has, without their ends; nil when there are none."
  [rdr]
  (when-let [line (reops.internal/next-line rdr)]
    (cons line (lazy-seq (line-seq rdr)))))

(defn print-simple
  "Writes a value to a writer as `pr` does what has no print-method."
  [x writer]
  (reops.internal/print-value x writer))

(defn file-seq
  "A lazy sequence of the path dir and of all paths below it, each folder before what lies in it."
  [dir]
  (tree-seq reops.fs/directory? reops.fs/list-dir (str dir)))

(defn xml-seq
  "A lazy sequence of root and of all that lies below it, for elements that are maps with their children under :content."
  [root]
  (tree-seq (complement string?) (fn [element] (seq (:content element))) root))

(defn load-reader
  "Reads all forms from a reader and evaluates them; has the last one's value."
  [rdr]
  (load-string (slurp rdr)))

(defn printf
  "Prints what (format fmt & args) makes to *out*."
  [fmt & args]
  (print (apply format fmt args)))

(defmulti print-method
  "How pr and print write a value to a writer: the method for (:type (meta x)), if that is a keyword, else for (class x).
  Strings, numbers, symbols and keywords are always printed as themselves.

    (defmethod print-method Hosts [hosts writer]
      (.write writer (str \"<\" (count (:hosts hosts)) \" hosts>\")))"
  (fn [x _writer]
    (let [type (:type (meta x))]
      (if (keyword? type) type (class x)))))

(defmethod print-method :default [x writer]
  (reops.internal/print-value x writer))
