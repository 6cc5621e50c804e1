(ns reops.host
  "Classes of the host that are written in our own language. The class java.io.File is the namespace java.io.File, in
  the file java/io/File.clj, which is loaded when a program first names the class: it defines the type with defclass,
  what makes one (the var new), and the static members (its other public vars).")

(defmacro defclass
  "Like deftype, for a class of that full name: methods that belong to no interface stand under the class's own simple
  name.

      (defclass java.util.Locale [tag]
        Object (toString [_] tag)
        Locale (getLanguage [_] tag))"
  [full-name fields & specs]
  (let [simple (symbol (last (re-seq #"[^.]+" (name full-name))))]
    (@#'clojure.core/type-definition "defclass" :deftype simple full-name fields specs nil)))
