;; Integers, promotion and overflow, ratios, big integers, doubles, decimals.

(+)
(*)
[(+ 1) (- 1) (* 7) (/ 4)]
(+ 1 2 3 4 5)
(- 10 1 2 3)
(* 1 2 3 4 5 6)
[(/ 6 3) (/ 7 3) (/ -7 3) (/ 6 4)]
(/ 1 2 2 2)
(/ 2.0 4)
(/ 1 0)
(/ 1.0 0)
(/ -1.0 0)
(/ 0.0 0)
(/ 1 0.0)
(/ 1N 0)
(quot 7 0)
(rem 7 0)
(mod 7 0)
(-)
[(quot 7 2) (quot -7 2) (quot 7 -2) (quot -7 -2)]
[(rem 7 2) (rem -7 2) (rem 7 -2) (rem -7 -2)]
[(mod 7 2) (mod -7 2) (mod 7 -2) (mod -7 -2)]
[(quot 7.5 2) (rem 7.5 2) (mod -7.5 2)]
[(quot 7/2 1/3) (rem 7/2 1/3) (mod -7/2 1/3)]
[(inc 41) (dec 43) (inc 1/2) (dec 0.5) (inc 1M) (dec 1N)]
(+ 9223372036854775807 1)
(- -9223372036854775808 1)
(* 9223372036854775807 2)
(* 3037000500 3037000500)
(* 3037000499 3037000499)
(inc 9223372036854775807)
(dec -9223372036854775808)
(- -9223372036854775808)
(abs -5)
[(abs -5/3) (abs -2.5) (abs 0) (abs -3N) (abs -1.50M)]
(+' 9223372036854775807 1)
(-' -9223372036854775808 1)
(*' 9223372036854775807 9223372036854775807)
(inc' 9223372036854775807)
(dec' -9223372036854775808)
(-' -9223372036854775808)
(+ 9223372036854775807 1N)
(* 99999999999 99999999999N)
(- 1N 1)
(+ 4611686018427387903 1)
(- -4611686018427387904 1)
(* 4611686018427387904 1)
(+ 4611686018427387904 -1)
(* 2147483648 4294967295)
9223372036854775807
-9223372036854775808
9223372036854775808
-9223372036854775809
[0x10 0xFF 0Xff 017 2r1010 16rBEEF 36rZZ -0x1f]
[1e3 1.5e-3 1E2 -0.0 0.5M 1e2M]
[1.5 1.0 100.0 1e21 1.0E-7 123456789.123]
[1/2 2/4 -3/6 10/5 0/3]
[1N 123456789012345678901234567890 -5N]
[1M 1.50M -0.001M 1E+3M]
(+ 1/3 1/6)
(* 2/3 3/2)
(- 1/2 1/2)
(+ 1/2 0.5)
(+ 1/2 1N)
(+ 1/2 1M)
(/ 1M 4)
(/ 1M 3)
(with-precision 5 (/ 1M 3))
(with-precision 3 :rounding DOWN (/ 2M 3))
(+ 1.10M 2.2M)
(* 1.10M 2.20M)
(- 1.10M 1.1M)
(+ 1M 1.0)
(+ 1 1.5M)
[(numerator 6/4) (denominator 6/4)]
(numerator 5)
[(== 1 1.0) (== 1 1N) (== 1 1M) (== 1/2 0.5) (== 1 2) (== 1)]
[(= 1 1.0) (= 1 1N) (= 1N 1) (= 1 1M) (= 1/2 0.5) (= 1.0 1.0) (= 1.0M 1.00M)]
[(< 1 2 3) (< 1 3 2) (<= 1 1 2) (> 3 2 1) (>= 3 3 4) (< 1)]
[(< 1 1.5) (< 1/3 0.5) (> 2N 1M) (<= 1 1N)]
[(< 1 ##NaN) (> 1 ##NaN) (= ##NaN ##NaN) (== ##NaN ##NaN)]
[(max 1 2 3) (min 3 1 2) (max 1 2.0) (min 1/2 0.25) (max 5)]
[(max 1 ##NaN) (min ##NaN 1)]
[##Inf ##-Inf (- ##Inf) (+ ##Inf 1)]
##NaN
(- ##Inf ##Inf)
[(zero? 0) (zero? 0.0) (zero? 0N) (zero? 0/3) (zero? 1)]
[(pos? 1) (pos? -1) (pos? 1/2) (neg? -0.5) (neg? 0)]
[(even? 2) (odd? 2) (even? -3) (odd? -3) (even? 0) (even? 10N)]
(even? 1.5)
(map number? [1 1.0 1/2 1N 1M "1" nil \1])
(map integer? [1 1.0 1/2 1N 1M nil])
(map int? [1 1.0 1/2 1N 1M nil])
(map float? [1 1.0 1/2 1N 1M nil])
(map double? [1 1.0 1/2 1N 1M nil])
(map ratio? [1 1.0 1/2 1N 1M nil])
(map rational? [1 1.0 1/2 1N 1M nil])
(map decimal? [1 1.0 1/2 1N 1M nil])
(map pos-int? [1 0 -1 1.0 1N])
(map neg-int? [1 0 -1 -1.0])
(map nat-int? [1 0 -1 2.0])
(map infinite? [##Inf ##-Inf 1.0 ##NaN])
(map NaN? [##NaN 1.0 ##Inf])
[(long 3.9) (long -3.9) (long 7/2) (long 5N) (long 2.5M) (long \a)]
[(int 3.9) (int \A) (int 2147483647)]
(int 2147483648)
(int -2147483649)
(long 1e30)
(long 9223372036854775808N)
[(double 1) (double 1/3) (double 1N) (double 1.5M)]
[(bigint 1) (bigint 1.0) (bigint "12345678901234567890") (bigint 7/2)]
[(bigdec 1) (bigdec 1.5) (bigdec "1.250") (bigdec 1/4)]
[(biginteger 5)]
[(rationalize 0.5) (rationalize 1.25) (rationalize 3) (rationalize 0.1)]
[(byte 127) (byte -128) (short 32767) (num 3)]
(byte 128)
(short 40000)
(char 97)
(char 70000)
[(bit-and 12 10) (bit-or 12 10) (bit-xor 12 10) (bit-not 12) (bit-and-not 12 10)]
[(bit-and 15 7 3) (bit-or 1 2 4) (bit-xor 1 3 7)]
[(bit-shift-left 1 10) (bit-shift-right -16 2) (unsigned-bit-shift-right -1 60)]
[(bit-shift-left 1 63) (bit-shift-left 1 64) (bit-shift-right 8 -1)]
[(bit-set 0 3) (bit-clear 15 1) (bit-flip 5 0) (bit-test 5 2) (bit-test 5 1)]
(bit-and 1 1.0)
(bit-shift-left 4611686018427387904 1)
[(unchecked-add 9223372036854775807 1) (unchecked-inc 9223372036854775807) (unchecked-multiply 9223372036854775807 3)]
[(unchecked-subtract -9223372036854775808 1) (unchecked-dec -9223372036854775808) (unchecked-negate -9223372036854775808)]
(quot -9223372036854775808 -1)
[(rem -9223372036854775808 -1) (mod -9223372036854775808 -1)]
(reduce *' (range 1 26))
(reduce * (range 1 26))
(reduce * (map bigint (range 1 31)))
(quot 100000000000000000000 7)
(rem 100000000000000000000 7)
(mod -100000000000000000000 7)
(- 9223372036854775808N 1N)
(compare 100000000000000000000 1)
[(compare 1 2) (compare 2 1) (compare 1 1.0) (compare 1/2 0.25) (compare 1N 2M)]
(sort [3 1.5 1/2 2N 0.75M -1])
(+ 1 nil)
(+ 1 "2")
(+ :a 1)
(< 1 "2")
(inc nil)
(* nil nil)
(parse-long "42")
[(parse-long "-7") (parse-long "+7") (parse-long "4.2") (parse-long "") (parse-long "9223372036854775808") (parse-long "abc")]
(parse-long 42)
[(parse-double "1.5") (parse-double "1e3") (parse-double "x") (parse-double "NaN") (parse-double "-Infinity")]
[(parse-boolean "true") (parse-boolean "false") (parse-boolean "yes")]
(map #(Math/round (double %)) [1.4 1.5 -1.5 2.5])
[(Math/abs -3) (Math/max 1 2) (Math/min 1 2) (Math/pow 2 10) (Math/sqrt 16) (Math/floor 1.7) (Math/ceil 1.2)]
[(< 3.14 Math/PI 3.15) (< 2.71 Math/E 2.72)]
[(Math/floorMod -7 3) (Math/floorDiv -7 3) (Math/signum -2.5) (Math/cbrt 27.0) (Math/hypot 3 4)]
[(Math/log 1) (Math/log10 1000) (Math/exp 0) (Math/sin 0) (Math/cos 0) (Math/atan2 0 1)]
[(str 1.0) (str 100.0) (str 1e10) (str 1.0E-5) (str 0.1) (str 1e7) (str 12345678.9) (str 0.001)]
[(str 1N) (str 1M) (str 1.50M) (str 1/3) (str ##Inf) (str ##NaN) (str -0.0)]
(= (+ 0.1 0.2) 0.3)
(+ 0.1 0.2)
(rand-int 1)
(let [r (rand)] (and (<= 0 r) (< r 1)))
(every? #(<= 0 % 9) (repeatedly 50 #(rand-int 10)))
(loop [i 0 s 0] (if (< i 1000) (recur (inc i) (+ s i)) s))
(let [x 5 y 2] [(/ x y) (quot x y) (float (/ x y))])
[(ratio? (/ 4 2)) (ratio? (/ 4 3))]
(hash-map 1 :a 1.0 :b 1N :c)
(count (set [1 1N 1.0 1M 1/1]))
[(get {1 :one} 1N) (get {1N :one} 1) (get {1 :one} 1.0)]
(map (juxt pos? neg? zero?) [1 -1 0])
(format "%05d|%x|%.3f|%e|%,d|%s" 42 255 3.14159 12345.678 1234567 1/2)
