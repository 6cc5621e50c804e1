(use-modules (srfi srfi-41))
(define by 3)
(define (work)
  (stream-fold (lambda (sum x) (+ sum x)) 0
    (stream-filter (lambda (x) (zero? (remainder x by)))
      (stream-map (lambda (x) (+ x by)) (stream-range 0 1000000)))))
(display (work)) (newline)
