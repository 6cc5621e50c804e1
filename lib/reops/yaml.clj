(ns reops.yaml
  "YAML: text to values and back, by the core schema of YAML 1.2: null, booleans, integers, floats and strings, sequences as
  vectors, mappings as maps. Dates stay strings, and so do yes, no, on and off. A text that is no YAML is an error whose data
  has :type :reops.yaml/syntax, :line and :column.

  Aliases share what their anchor names; a document whose aliases stand for more than ten million values is refused.
  << merges mappings. A tag that is not YAML's own (!Ref) is kept as a tagged literal, and written back as the tag."
  (:refer-clojure :exclude [read-string]))

(defn- native
  "A function of the module, which is loaded when it is first needed."
  [name]
  (reops.internal/load-module "yaml")
  (deref (ns-resolve 'reops.yaml.native name)))

(defn read-all
  "A vector of the values of all documents in a YAML text. Options:
    :keywords  true: keys that are strings become keywords. Those live for ever, so this is for texts whose keys are known.

      (read-all \"--- 1\\n--- [a, b]\")   ; [1 [\"a\" \"b\"]]"
  {:category :data}
  ([text] (read-all text nil))
  ([text options] ((native 'read) text options)))

(defn read-string
  "The value of the one document in a YAML text (nil when it is empty). Takes the options of read-all.

      (read-string \"host: web1\\nports: [22, 80]\" {:keywords true})   ; {:host \"web1\", :ports [22 80]}"
  {:category :data}
  ([text] (read-string text nil))
  ([text options]
   (let [documents (read-all text options)]
     (if (next documents)
       (throw (ex-info (str "The text has " (count documents) " YAML documents where one is expected; read-all reads several")
                       {:type :reops.yaml/several-documents, :count (count documents)}))
       (first documents)))))

(defn write-all
  "A YAML text with a document for each of xs."
  {:category :data}
  [xs]
  ((native 'write) xs))

(defn write-string
  "x as a YAML text in block style. Keywords and symbols are written as strings, sets as sequences, and a string that could be
  taken for something else in quotes.

      (print (write-string {:host \"web1\" :ports [22 80]}))"
  {:category :data}
  [x]
  (write-all [x]))
