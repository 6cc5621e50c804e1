(ns clojure.string
  "Functions on strings: case, blanks, searching, splitting, joining, replacing. They take the string first, and count
  characters as Unicode code points. All of them are native; (doc clojure.string/replace) tells about each."
  (:refer-clojure :exclude [replace reverse]))
