(ns reops.cbor
  "CBOR (RFC 8949): values to bytes and back, exactly. Every value that is plain data comes back as it was, with its type:
  lists, sets and sorted maps too, ratios, decimals with their scale, exceptions. Metadata stays behind. Other programs
  read it as well; docs/codec.md lists the tags."
  (:refer-clojure :exclude [read]))

(defn write
  "x as bytes of CBOR. What is no plain data (a function, an atom, a record) is an error whose data has
  :type :reops.cbor/unwritable and the :path to it.

      (write {:host \"web1\" :ports [22 80]})"
  {:category :data}
  [x]
  (reops.internal/write-cbor x))

(defn read
  "The value that bytes of CBOR stand for. Bytes that are none are an error whose data has :type :reops.cbor/malformed and
  the :offset of the first that is wrong.

      (read (write {:host \"web1\"}))   ; {:host \"web1\"}"
  {:category :data}
  [bytes]
  (reops.internal/read-cbor bytes))
