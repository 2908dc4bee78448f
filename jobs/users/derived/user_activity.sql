-- One row per matched user, both platforms' activity side by side. Active means seen within the `active_days` before
-- `as_of`; a day after it counts too, as a vendor's clock may run ahead.
SELECT CAST(id_l AS bigint) AS user_id,
       CAST(id_r AS bigint) AS vendor_user_id,
       :as_of AS report_date,
       last_active_date_l AS last_active_date,
       last_active_date_r AS vendor_last_active_date,
       last_active_date_l >= date_add('day', -:active_days, :as_of) AS is_active,
       last_active_date_r >= date_add('day', -:active_days, :as_of) AS is_vendor_active,
       firstname_l AS firstname,
       lastname_l AS lastname,
       specialty_l AS specialty,
       lower(classification_l) AS classification,
       lower(classification_r) AS vendor_classification,
       practice_location_l AS practice_location,
       lower(replace(practice_location_l, '_', ' ')) = lower(replace(practice_location_r, '_', ' ')) AS location_match,
       lower(specialty_l) = lower(specialty_r) AS specialty_match,
       lower(classification_l) = lower(classification_r) AS classification_match,
       match_probability
FROM users_linked
