-- The ten rent-stabilized buildings with the most sales; of equal ones the lower building first.
SELECT id_r AS bldg_id, count(*) AS sales, sum(sale_price_l) AS total_price
FROM nyc_buildings_linked
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT 10
