(ns reops.modules
  "Modules: functions written in C++, loaded when they are asked for. See docs/extending.md."
  (:require [reops.fs :as fs]))

(defn load-module
  "Loads a module, by the path of its file or by the name of one that came with the program, and returns its name. Its
  functions are then there, with their documentation. A module stays until the program ends: loading it again does nothing.

      (load-module \"examples/native/names.so\")
      (names/distance \"web1\" \"wbe1\")"
  {:category :basic}
  [name-or-path]
  (reops.internal/load-module name-or-path)
  (symbol (fs/strip-extension (fs/file-name name-or-path))))
