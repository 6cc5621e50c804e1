;; The core library. Natives (src/lang/builtin) are already defined in `clojure.core` and `reops.internal` when this file
;; is read; its parts build the rest of the language on them, each on the ones before it.

(in-ns 'clojure.core)

(load "core/bootstrap")
(load "core/control")
(load "core/functions")
(load "core/reduce")
(load "core/loops")
(load "core/seqs")
(load "core/partitions")
(load "core/maps")
(load "core/sorted")
(load "core/hashing")
(load "core/legacy")
(load "core/transducers")
(load "core/settings")
(load "core/dispatch")
(load "core/multimethods")
(load "core/concurrency")
(load "core/agents")
(load "core/namespaces")
(load "core/io")
(load "core/arrays")
(load "core/numbers")

;; `<<` is at hand in every namespace, as the names above are.
(require 'reops.strint)
(let [shared (var reops.strint/<<)]
  (intern 'clojure.core (with-meta '<< (meta shared)) @shared))
