(defn deploy [host version]
  [host version])

(defn deploy-all [hosts]
  (mapv deploy hosts))

(deploy-all ["web1"])
