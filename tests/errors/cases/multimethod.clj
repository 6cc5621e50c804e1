(defmulti price :kind)
(defmethod price :vm [{:keys [cores]}]
  (* cores "2"))

(price {:kind :vm :cores 4})
