-- Total matches, and the share of each platform's users that they are, 0 to 1.
SELECT (SELECT count(*) FROM user_activity) AS total_matches,
       1.0 * (SELECT count(*) FROM user_activity) / (SELECT count(*) FROM users) AS share_of_users,
       1.0 * (SELECT count(*) FROM user_activity) / (SELECT count(*) FROM vendor_users) AS share_of_vendor_users
