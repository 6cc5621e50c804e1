(ns clojure.java.io
  "Readers and writers of text files, to be used with `with-open`.")

(defn reader
  "A reader of the file at path (a reader is returned as it is).

    (with-open [r (reader \"/etc/hosts\")]
      (count (line-seq r)))"
  [path & opts]
  (apply reops.internal/file-reader path opts))

(defn writer
  "A writer to the file at path, in place of what is there; with :append true after it (a writer is returned as it is)."
  [path & opts]
  (apply reops.internal/file-writer path opts))
