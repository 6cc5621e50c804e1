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

(defmulti print-dup
  "How pr writes a value while *print-dup* is true: the method for (class x). What has none is printed as ever, which
  reads back as a value of the same kind."
  (fn [x _writer] (class x)))

(defmethod print-dup :default [x writer]
  (reops.internal/print-value x writer))

(defn print-simple
  "Writes x as str has it, after its metadata if *print-meta* is true. For methods of print-method."
  [x writer]
  (when (and *print-meta* (meta x))
    (.write writer (str "^" (pr-str (meta x)) " ")))
  (.write writer (str x)))

(defn print-ctor
  "Writes #=(name.of.the.Class …), with what print-args writes of x, a function of x and the writer, in it."
  [x print-args writer]
  (.write writer (str "#=(" (.getName (class x)) ". "))
  (print-args x writer)
  (.write writer ")"))

(def default-data-readers
  "The functions that read the tags which every program knows."
  {'inst reops.internal/read-instant
   'uuid reops.internal/read-uuid})
