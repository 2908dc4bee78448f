-- Ten rows as they would be loaded into the warehouse.
SELECT * FROM user_activity ORDER BY user_id LIMIT 10
