(ns reops.bytes
  "Byte strings: immutable sequences of bytes, for what is not text. They print as #bytes \"c0ffee\" and are equal when
  their bytes are."
  (:refer-clojure :exclude [bytes concat slurp]))
