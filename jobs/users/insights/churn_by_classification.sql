-- By classification on our platform: matched users, and the share that is no longer active here among those who are active at the vendor's and
-- among those who are not, 0 to 1.
SELECT classification,
       count(*) AS users,
       1.0 * count_if(is_vendor_active AND NOT is_active) / nullif(count_if(is_vendor_active), 0) AS inactive_share_of_vendor_active,
       1.0 * count_if(NOT is_vendor_active AND NOT is_active) / nullif(count_if(NOT is_vendor_active), 0) AS inactive_share_of_vendor_inactive
FROM user_activity
GROUP BY classification
ORDER BY users DESC, classification
