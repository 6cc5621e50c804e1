(ns clojure.java.io
  "Files, readers, writers and streams, opened to be used with `with-open`. What can be opened is a path (a string or a
  java.io.File), a java.net.URI with the scheme file: or of something `resource` found, a byte string, or what is open
  already; the protocol IOFactory is extended to open other things."
  (:require [clojure.string :as string]
            [reops.fs :as fs])
  (:import java.io.File
           java.net.URI))

(defprotocol Coercions
  "What can be seen as a file or as an address."
  (as-file [x] "The java.io.File that x is.")
  (as-url [x] "The java.net.URI that x is."))

(defn- local-path
  "The path of a file: address, or nil."
  [uri]
  (when (= "file" (.getScheme uri))
    (.getPath uri)))

(extend-protocol Coercions
  nil
  (as-file [_] nil)
  (as-url [_] nil)

  String
  (as-file [path] (File. path))
  (as-url [text] (URI. text))

  File
  (as-file [file] file)
  (as-url [file] (.toURI file))

  URI
  (as-file [uri]
    (if-let [path (local-path uri)]
      (File. path)
      (throw (IllegalArgumentException. (str "Not a file: " uri)))))
  (as-url [uri] uri))

(defn as-relative-path
  "The path of x, which must not be absolute."
  [x]
  (let [file (as-file x)]
    (if (.isAbsolute file)
      (throw (IllegalArgumentException. (str file " is not a relative path")))
      (.getPath file))))

(defn file
  "The java.io.File of a path; with several arguments of a child below a parent, and so on."
  ([path] (as-file path))
  ([parent child] (File. (as-file parent) (as-relative-path child)))
  ([parent child & more] (reduce file (file parent child) more)))

(defprotocol IOFactory
  "What can be opened for reading and writing. opts are the options of reader, writer and the others, as a map."
  (make-reader [x opts] "A reader of the text of x.")
  (make-writer [x opts] "A writer of text to x.")
  (make-input-stream [x opts] "A reader of the bytes of x.")
  (make-output-stream [x opts] "A writer of bytes to x."))

(defn- refuse
  [action x]
  (throw (IllegalArgumentException. (str "Cannot " action " " (pr-str x)))))

(def default-streams-impl
  "Methods of IOFactory for what can be neither read nor written, to be replaced one by one."
  {:make-reader (fn [x opts] (make-reader (make-input-stream x opts) opts))
   :make-writer (fn [x opts] (make-writer (make-output-stream x opts) opts))
   :make-input-stream (fn [x _] (refuse "read from" x))
   :make-output-stream (fn [x _] (refuse "write to" x))})

(defn- address?
  "Is the text an address, rather than a path?"
  [text]
  (boolean (re-find #"^(file|jar|reops):" text)))

(defn- file-methods
  [path-of]
  {:make-reader (fn [x _] (reops.internal/file-reader (path-of x)))
   :make-writer (fn [x opts] (reops.internal/file-writer (path-of x) :append (:append opts)))
   :make-input-stream (fn [x _] (reops.internal/file-reader (path-of x) :bytes true))
   :make-output-stream (fn [x opts] (reops.internal/file-writer (path-of x) :append (:append opts) :bytes true))})

(defn- content-of
  "The bytes of what an address names."
  [uri]
  (let [text (str uri)]
    (case (.getScheme uri)
      "file" (reops.bytes/slurp (.getPath uri))
      "jar" (let [[_ archive entry] (re-matches #"jar:file:(.*)!/(.*)" text)]
              (reops.internal/read-resource archive entry))
      "reops" (reops.internal/read-resource nil (subs text (count "reops:")))
      (throw (UnsupportedOperationException.
               (str "Cannot open " text ": only file: addresses and what `resource` found can be. "
                    "reops.http reads from the web."))))))

(def ^:private address-methods
  {:make-reader (fn [uri opts] (make-reader (make-input-stream uri opts) opts))
   :make-writer (fn [uri opts] (make-writer (as-file uri) opts))
   :make-input-stream (fn [uri _] (reops.internal/byte-reader (content-of uri)))
   :make-output-stream (fn [uri opts] (make-output-stream (as-file uri) opts))})

(extend Object IOFactory default-streams-impl)
(extend nil IOFactory
        (into {} (map (fn [k] [k (fn [_ _] (throw (IllegalArgumentException. "Cannot open nil")))]))
              (keys default-streams-impl)))
(extend File IOFactory (file-methods str))
(extend URI IOFactory address-methods)
(extend String IOFactory
        (into {}
              (map (fn [[k open]]
                     [k (fn [text opts]
                          (if (address? text)
                            ((get address-methods k) (URI. text) opts)
                            (open text opts)))]))
              (file-methods identity)))
(extend reops.ByteString IOFactory
        (assoc default-streams-impl :make-input-stream (fn [bytes _] (reops.internal/byte-reader bytes))))
(extend java.io.Reader IOFactory
        (assoc default-streams-impl :make-reader (fn [r _] r) :make-input-stream (fn [r _] r)))
(extend java.io.Writer IOFactory
        (assoc default-streams-impl :make-writer (fn [w _] w) :make-output-stream (fn [w _] w)))

(defn reader
  "A reader of the text of x, in UTF-8 (a reader is returned as it is).

    (with-open [r (reader \"/etc/hosts\")]
      (count (line-seq r)))"
  [x & opts]
  (make-reader x (apply hash-map opts)))

(defn writer
  "A writer of text to x, in UTF-8, in place of what is there; with :append true after it (a writer is returned as it
  is)."
  [x & opts]
  (make-writer x (apply hash-map opts)))

(defn input-stream
  "A reader of the bytes of x: .read answers them one by one, as numbers."
  [x & opts]
  (make-input-stream x (apply hash-map opts)))

(defn output-stream
  "A writer of bytes to x, in place of what is there; with :append true after it."
  [x & opts]
  (make-output-stream x (apply hash-map opts)))

(defn copy
  "Copies all that input has to output: from a reader, file (java.io.File), byte string, or a string (its text), to a
  writer or file. Neither is closed if it was given open."
  [input output & opts]
  (let [open? (fn [x] (or (instance? java.io.Reader x) (instance? java.io.Writer x)))
        from (if (string? input) (reops.internal/string-reader input) (apply input-stream input opts))
        to (apply output-stream output opts)]
    (try
      (reops.internal/copy-stream from to)
      (finally
        (when-not (open? output) (.close to))
        (when-not (open? input) (.close from)))))
  nil)

(defn delete-file
  "Deletes a file. One that cannot be deleted is an IOException, or the value of silently if that is given and not
  false."
  [path & [silently]]
  (or (.delete (file path))
      silently
      (throw (java.io.IOException. (str "Could not delete " path)))))

(defn make-parents
  "Makes the folders that the file (its path given as for `file`) lies in, if they are missing."
  [path & more]
  (when-let [parent (.getParentFile (apply file path more))]
    (.mkdirs parent)))

(defn resource
  "The address of a file on the load path (in its folders or archives, or among what is compiled in), nil if there is
  none. slurp and reader take it.

    (slurp (resource \"clojure/string.clj\"))"
  ([path]
   (when-let [[root archive?] (reops.internal/find-resource path)]
     (URI. (cond
             (nil? root) (str "reops:" path)
             archive? (str "jar:file:" (fs/absolute-path root) "!/" path)
             :else (str (.toURI (File. (fs/join (fs/absolute-path root) path))))))))
  ([path _loader] (resource path)))
