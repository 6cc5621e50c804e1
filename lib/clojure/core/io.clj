;; Text streams in `clojure.core`: what binds *out* and *in*, and what reads lines.

(in-ns 'clojure.core)

(defn- opened
  "x if it is a path or open already, else what clojure.java.io opens it as, with the function called so."
  [x open opts]
  (if (if (string? x)
        (not (re-find #"^(file|jar|reops):" x))
        (instance? reops.Handle x))
    x
    (apply (requiring-resolve open) x opts)))

(defn slurp
  "The whole content of a file (by its path), a reader, or whatever else clojure.java.io/reader opens, as a string. Bytes
  that are no UTF-8 become U+FFFD.

    (slurp \"/etc/hostname\")"
  [f & opts]
  (let [source (opened f 'clojure.java.io/reader opts)]
    (try
      (reops.internal/slurp source)
      (finally
        (when-not (identical? f source)
          (.close source))))))

(defn spit
  "Writes the text of content (or its bytes, if it is a byte string) to a file, in place of what was there, or to whatever
  clojure.java.io/writer opens; with :append true after it.

    (spit \"/tmp/notes\" \"one more\\n\" :append true)"
  [f content & opts]
  (let [target (opened f 'clojure.java.io/writer opts)]
    (try
      (apply reops.internal/spit target content opts)
      (finally
        (when-not (identical? f target)
          (.close target))))))

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

(defn xml-seq
  "A lazy sequence of root and of all that lies below it, for elements that are maps with their children under :content."
  [root]
  (tree-seq (complement string?) (fn [element] (seq (:content element))) root))

(defn load-reader
  "Reads all forms from a reader and evaluates them; has the last one's value."
  [rdr]
  (load-string (slurp rdr)))

(defn file-seq
  "A lazy sequence of the java.io.File dir and of all files below it, each folder before what lies in it."
  [dir]
  (tree-seq (fn [file] (.isDirectory file)) (fn [folder] (seq (.listFiles folder))) dir))

(defn iterator-seq
  "A sequence of what an iterator of the host's kind, with hasNext and next, still has. It is for nobody else then."
  [iterator]
  (lazy-seq
    (when (.hasNext iterator)
      (cons (.next iterator) (iterator-seq iterator)))))

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
