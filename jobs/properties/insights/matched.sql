-- Matched properties, and the mean and median of their estimated value.
SELECT count(*) AS matched_properties,
       avg(est_value_r) AS mean_estimated_value,
       approx_percentile(est_value_r, 0.5) AS median_estimated_value
FROM properties_linked
