(ns java.util.concurrent.TimeUnit
  "Units of time."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.concurrent.TimeUnit [title nanoseconds]
  Object
  (toString [_] title)
  TimeUnit
  (toNanos [_ n] (* n nanoseconds))
  (toMicros [_ n] (quot (* n nanoseconds) 1000))
  (toMillis [_ n] (quot (* n nanoseconds) 1000000))
  (toSeconds [_ n] (quot (* n nanoseconds) 1000000000))
  (toMinutes [_ n] (quot (* n nanoseconds) 60000000000))
  (toHours [_ n] (quot (* n nanoseconds) 3600000000000))
  (toDays [_ n] (quot (* n nanoseconds) 86400000000000))
  (convert [_ n unit] (quot (.toNanos unit n) nanoseconds))
  (sleep [this n] (Thread/sleep (.toMillis this n))))

(def NANOSECONDS "Nanoseconds." (->TimeUnit "NANOSECONDS" 1))
(def MICROSECONDS "Microseconds." (->TimeUnit "MICROSECONDS" 1000))
(def MILLISECONDS "Milliseconds." (->TimeUnit "MILLISECONDS" 1000000))
(def SECONDS "Seconds." (->TimeUnit "SECONDS" 1000000000))
(def MINUTES "Minutes." (->TimeUnit "MINUTES" 60000000000))
(def HOURS "Hours." (->TimeUnit "HOURS" 3600000000000))
(def DAYS "Days." (->TimeUnit "DAYS" 86400000000000))
