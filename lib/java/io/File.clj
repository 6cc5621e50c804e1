(ns java.io.File
  "Paths as objects, for programs that are written for the JVM. Plain strings and reops.fs do the same with less."
  (:require [clojure.string :as string]
            [reops.fs :as fs]
            [reops.host :refer [defclass]]))

(declare make under listing)

(defn- granted
  "Did the call of f go without an error? What java.io.File answers where others throw."
  [f]
  (try (f) true (catch java.io.IOException _ false)))

(defclass java.io.File [path]
  Comparable
  (compareTo [_ other] (compare path (str other)))
  Object
  (toString [_] path)
  (equals [_ other] (and (instance? File other) (= path (str other))))
  (hashCode [_] (hash path))
  File
  (getPath [_] path)
  (getName [_] (subs path (inc (or (string/last-index-of path "/") -1))))
  (getParent [_]
    (when-let [slash (string/last-index-of path "/")]
      (cond
        (= "/" path) nil
        (zero? slash) "/"
        :else (subs path 0 slash))))
  (getParentFile [this] (some-> (.getParent this) make))
  (isAbsolute [_] (string/starts-with? path "/"))
  (getAbsolutePath [_] (if (= "" path) (fs/cwd) (fs/absolute-path path)))
  (getAbsoluteFile [this] (make (.getAbsolutePath this)))
  (getCanonicalPath [this] (under (.getAbsolutePath this)))
  (getCanonicalFile [this] (make (.getCanonicalPath this)))
  (exists [_] (and (not= "" path) (fs/exists? path)))
  (isFile [_] (and (not= "" path) (fs/file? path)))
  (isDirectory [_] (and (not= "" path) (fs/directory? path)))
  (isHidden [this] (string/starts-with? (.getName this) "."))
  (canRead [_] (and (not= "" path) (fs/readable? path)))
  (canWrite [_] (and (not= "" path) (fs/writable? path)))
  (canExecute [_] (and (not= "" path) (fs/executable? path)))
  (setExecutable [_ allowed?]
    (granted (fn []
               (let [bits (vec (fs/permissions path))]
                 (fs/set-permissions path (apply str (assoc bits 2 (if allowed? \x \-))))))))
  (length [this] (if (.exists this) (fs/size path) 0))
  (lastModified [this] (if (.exists this) (inst-ms (fs/modified-time path)) 0))
  (list [this] (when (.isDirectory this) (mapv fs/file-name (fs/list-dir path))))
  (list [this accepts] (when-let [names (.list this)] (filterv (fn [n] (.accept accepts this n)) names)))
  (listFiles [this] (listing this (constantly true)))
  (listFiles [this accepts] (listing this (fn [file] (.accept accepts file))))
  (mkdir [this] (and (not (.exists this))
                     (boolean (some-> (.getAbsoluteFile this) .getParentFile .isDirectory))
                     (granted (fn [] (fs/mkdirs path)))))
  (mkdirs [this] (and (not (.exists this)) (granted (fn [] (fs/mkdirs path)))))
  (createNewFile [this] (and (not (.exists this)) (do (spit path "" :append true) true)))
  (delete [_] (granted (fn [] (fs/delete path))))
  (renameTo [_ target] (granted (fn [] (fs/move path (str target)))))
  (toURI [this]
    (java.net.URI. (str "file:" (string/replace (.getAbsolutePath this) " " "%20") (when (.isDirectory this) "/"))))
  (toURL [this] (.toURI this))
  (toPath [this] this))

(defn- make
  "The file of that path, written without the slashes that mean nothing."
  [path]
  (let [one-by-one (string/replace path #"/+" "/")]
    (->File (if (and (< 1 (count one-by-one)) (string/ends-with? one-by-one "/"))
              (subs one-by-one 0 (dec (count one-by-one)))
              one-by-one))))

(defn- under
  "The absolute path without links and dots, as far as it exists."
  [path]
  (if (fs/exists? path)
    (fs/canonical-path path)
    (let [[folder file-name] [(or (fs/parent path) "/") (fs/file-name path)]
          above (if (= folder path) "/" (under folder))]
      (case file-name
        "." above
        ".." (or (fs/parent above) "/")
        (fs/join above file-name)))))

(defn- listing
  [file accepted?]
  (when (.isDirectory file)
    (into []
          (comp (map (fn [n] (make (str (.getPath file) "/" n)))) (filter accepted?))
          (.list file))))

(defn new
  "The file of a path, or of a child below a parent (a path, a File or nil)."
  ([path] (make (if (= "file" (when-not (string? path) (.getScheme path))) (.getPath path) path)))
  ([parent child]
   (make (if (nil? parent) child (str parent "/" child)))))

(def separator "What stands between the names of a path." "/")
(def separatorChar "What stands between the names of a path." \/)
(def pathSeparator "What stands between the paths of a list." ":")
(def pathSeparatorChar "What stands between the paths of a list." \:)

(defn createTempFile
  "A new empty file that only this user may read."
  ([prefix suffix] (make (fs/temp-file prefix (or suffix ".tmp"))))
  ([prefix suffix folder]
   (let [file (make (str folder "/" prefix (random-uuid) (or suffix ".tmp")))]
     (.createNewFile file)
     file)))
