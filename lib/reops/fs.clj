(ns reops.fs
  "Files and folders of this machine. Paths are strings; errors are IOExceptions that name the path and the system's
  reason. The rest of this namespace is native: (dir reops.fs).")

(defmacro with-temp-dir
  "Evaluates body with name bound to the path of a new folder, which is deleted afterwards with all that is in it.

      (with-temp-dir [work]
        (spit (reops.fs/join work \"notes\") \"…\"))"
  {:category :local}
  [[name prefix] & body]
  `(let [path# ~(if prefix `(temp-dir ~prefix) `(temp-dir))
         ~name path#]
     (try
       ~@body
       (finally (delete-tree path#)))))

(defn tree
  "A lazy sequence of the path and of all paths below it, each folder before what lies in it. Links are named, not
  followed.

      (filter (comp #{\"log\"} extension) (tree \"/var/log\"))"
  {:category :local}
  [path]
  (tree-seq (fn [path] (and (directory? path) (not (link? path)))) list-dir path))

(defn spit-private
  "Puts text into a file that only its owner may read, in place of what was there, all at once: whoever reads it meanwhile sees the old text or the
  new one. A folder that is missing is made, for the owner only.

      (spit-private \"/root/.token\" \"…\")"
  {:category :local}
  [path text]
  (when-not (exists? (parent path))
    (set-permissions (mkdirs (parent path)) 0700))
  (let [new-one (str path ".new")]
    (spit new-one "")
    (set-permissions new-one 0600)
    (spit new-one text)
    (move new-one path)))
