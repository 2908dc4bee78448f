//! The AWS adapters keep every promise of their ports, on the emulator that `cargo xtask test` starts.
#![cfg(feature = "aws")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use lotline_store::{
    Stores,
    aws::{AwsLake, sdk_config},
};
use lotline_testkit::contract::{catalog, ledger, objects, settings, states};
use tokio::runtime::Runtime;

/// A lake of its own on the emulator, and the runtime that waits for it; none, and a word, without the emulator.
struct Deployed {
    stores: Stores,
    config: aws_config::SdkConfig,
    runtime: Runtime,
}

fn deployed(name: &str) -> Option<Deployed> {
    let Ok(endpoint) = std::env::var("LOTLINE_TEST_AWS") else {
        eprintln!("skipped: no LOTLINE_TEST_AWS; `cargo xtask test` starts an emulator");
        return None;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lake = AwsLake { bucket: name.to_owned(), table: name.to_owned(), database: name.replace('-', "_") };
    let (stores, config) = runtime.block_on(async {
        let keys = aws_sdk_s3::config::Credentials::new("test", "test", None, None, "test");
        let config = sdk_config().await.into_builder().endpoint_url(endpoint);
        let config = config.region(aws_config::Region::new("us-east-1"));
        let config = config.credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(keys)).build();
        make(&config, &lake).await;
        (Stores::aws(&config, &lake), config)
    });
    Some(Deployed { stores, config, runtime })
}

async fn make(config: &aws_config::SdkConfig, lake: &AwsLake) {
    let path_style = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(path_style);
    s3.create_bucket().bucket(&lake.bucket).send().await.unwrap();
    let versioned = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(&lake.bucket).versioning_configuration(versioned).send().await.unwrap();
    let glue = aws_sdk_glue::Client::new(config);
    let database = aws_sdk_glue::types::DatabaseInput::builder().name(&lake.database).build().unwrap();
    glue.create_database().database_input(database).send().await.unwrap();
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let index = GlobalSecondaryIndex::builder()
        .index_name("by_job")
        .key_schema(key("gsi1pk", KeyType::Hash))
        .key_schema(key("gsi1sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    let mut table = aws_sdk_dynamodb::Client::new(config)
        .create_table()
        .table_name(&lake.table)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index);
    for name in ["pk", "sk", "gsi1pk", "gsi1sk"] {
        let text = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        table = table.attribute_definitions(text.build().unwrap());
    }
    table.send().await.unwrap();
}

#[test]
fn aws_objects() {
    let Some(lake) = deployed("contract-objects") else { return };
    objects::check(&*lake.stores.objects).unwrap();
}

#[test]
fn aws_ledger() {
    let Some(lake) = deployed("contract-ledger") else { return };
    let (living, rival) = lake.runtime.block_on(executions(&lake.config));
    let dead = format!("{}0", living);
    ledger::check(&*lake.stores.ledger, ledger::Owners { living: &living, dead: &dead, rival: &rival }).unwrap();
}

/// Two executions that go on for longer than any test.
async fn executions(config: &aws_config::SdkConfig) -> (String, String) {
    let client = aws_sdk_sfn::Client::new(config);
    let definition = r#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": true}}}"#;
    let machine = client
        .create_state_machine()
        .name("waits")
        .definition(definition)
        .role_arn("arn:aws:iam::123456789012:role/waits")
        .send()
        .await
        .unwrap();
    let start = async |name: &str| {
        let request = client.start_execution().state_machine_arn(&machine.state_machine_arn).name(name);
        request.send().await.unwrap().execution_arn
    };
    (start("living").await, start("rival").await)
}

#[test]
fn aws_catalog() {
    let Some(lake) = deployed("contract-catalog") else { return };
    catalog::check(&*lake.stores.catalog).unwrap();
    // Athena's view ends where the catalog's does.
    let glue = aws_sdk_glue::Client::new(&lake.config);
    for version in lake.stores.catalog.tables().unwrap() {
        let request = glue.get_table().database_name("contract_catalog").name(&version.table).send();
        let table = lake.runtime.block_on(request).unwrap().table.unwrap();
        let storage = table.storage_descriptor.unwrap();
        assert_eq!(storage.location, Some(format!("s3://contract-catalog/{}/", version.location)));
        let columns: Vec<_> = storage.columns.unwrap().into_iter().map(|column| (column.name, column.r#type)).collect();
        let expected: Vec<_> = version.columns.into_iter().map(|column| (column.name, Some(column.kind))).collect();
        assert_eq!(columns, expected);
    }
}

#[test]
fn aws_settings() {
    let Some(lake) = deployed("contract-settings") else { return };
    settings::check(&*lake.stores.settings).unwrap();
}

#[test]
fn aws_states() {
    let Some(lake) = deployed("contract-states") else { return };
    states::check(&*lake.stores.states).unwrap();
}

#[test]
fn large_objects_are_written_in_parts_and_read_by_ranges() {
    let Some(lake) = deployed("contract-parts") else { return };
    let objects = &lake.stores.objects;
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut writer = objects.create("large").unwrap();
    for part in bytes.chunks(1_000_003) {
        std::io::Write::write_all(&mut writer, part).unwrap();
    }
    assert!(!objects.exists("large").unwrap());
    writer.commit().unwrap();
    let object = objects.open("large").unwrap();
    for (offset, len) in [(0, 20_000_000), (262_143, 2), (19_999_999, 1), (1_000_000, 700_000), (5, 100)] {
        let mut buffer = vec![0; len];
        assert_eq!(object.read_at(offset as u64, &mut buffer).unwrap(), len);
        assert!(buffer == bytes[offset..offset + len], "{len} bytes from {offset}");
    }
    let mut whole = Vec::new();
    let mut part = vec![0; 100_003];
    while whole.len() < bytes.len() {
        let count = object.read_at(whole.len() as u64, &mut part).unwrap();
        whole.extend_from_slice(&part[..count]);
    }
    assert!(whole == bytes, "read on from part to part");
}
