(define (work) (let next ((i 0)) (if (< i 100000000) (next (+ i 1)) i)))
(display (work)) (newline)
