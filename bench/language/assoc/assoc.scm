; A mutable hash table: what such a program does in Scheme.
(define (work)
  (let ((m (make-hash-table)))
    (let next ((i 0)) (if (< i 1000000) (begin (hashv-set! m i i) (next (+ i 1)))))
    (hash-count (const #t) m)))
(display (work)) (newline)
