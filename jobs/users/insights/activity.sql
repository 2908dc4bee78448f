-- Matched users by whether they are active on our platform and on the vendor's.
SELECT is_active, is_vendor_active, count(*) AS users
FROM user_activity
GROUP BY is_active, is_vendor_active
ORDER BY is_active, is_vendor_active
