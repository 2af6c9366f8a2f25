//! The sealed journal on both engines: what is written is sealed with its commit, and tampering is found and named.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use jiff::Timestamp;
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    Clock,
    auth::{Authority, Breadth, Reach},
    journal::{self, After, Fault, Published, Sealed, Verdict, Wanted, seal},
    params, record,
    store::{Db, Migration, Record as _, SavedFields, Sql, Uuid},
};
use vx_testkit::Place;

const STEP: Migration = Migration {
    name: "check/0001_noted",
    sql: "create table noted (
        tenant TEXT not null,
        id UUID not null,
        path TEXT not null,
        version BIGINT not null,
        created_at TIMESTAMPTZ not null,
        updated_at TIMESTAMPTZ not null,
        words TEXT not null,
        primary key (tenant, id)
    );",
};

record! {
    /// Something that is written about.
    pub struct Noted[ids::Directive] in "noted" {
        /// Words.
        pub words: String,
    }
}

fn moment() -> Timestamp {
    "2021-09-13T00:30:00.123456Z".parse().unwrap()
}

async fn open(place: &Place) -> Db {
    let db = Db::open(&place.options, Clock::standing_at(moment())).await.unwrap();
    db.migrate(&[STEP]).await.unwrap();
    db
}

/// Writes rows about a unit in one commit and returns their ids, in order.
async fn note(db: &Db, path: &str, words: &'static [&'static str]) -> Vec<Uuid> {
    let path = Path::parse(path).unwrap();
    db.write(move |tx| {
        let path = path.clone();
        Box::pin(async move {
            for word in words {
                let record = Noted { id: Id::fresh(), path: path.clone(), version: 0, words: (*word).to_owned() };
                tx.save(&record).await?;
                let by = Authority { account: Some(Id::fresh()), name: "Mai".to_owned(), on_behalf_of: None };
                let changed = SavedFields::between(None, &record)?;
                journal::write(tx, &by, "check.note", &record, record.uuid(), Some(word), &changed)?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let mut conn = db.read().await.unwrap();
    let sql = "select id from journal where tenant = $1 and block = (select number from journal_head where tenant = $1) order by place";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant()])).await.unwrap();
    rows.iter().map(|row| row.get("id").unwrap()).collect()
}

/// What somebody with the key to the database does to it.
async fn tamper(db: &Db, sql: &'static str, values: Vec<vx_platform::store::Value>) {
    let changed = db
        .write(move |tx| {
            let values = values.clone();
            Box::pin(async move {
                let tenant = [tx.tenant()];
                tx.change(Sql::with(sql, tenant.into_iter().chain(values))).await
            })
        })
        .await
        .unwrap();
    assert!(changed > 0, "nothing was tampered with: {sql}");
}

async fn verify(db: &Db) -> Verdict {
    journal::verify(&mut db.read().await.unwrap(), 1, &[]).await.unwrap()
}

async fn faults(db: &Db) -> Vec<Fault> {
    verify(db).await.faults
}

/// Three commits: blocks of three, one and two rows.
async fn three_blocks(place: &Place) -> (Db, Vec<Vec<Uuid>>) {
    let db = open(place).await;
    let blocks = vec![
        note(&db, "94/941/", &["một", "hai", "ba"]).await,
        note(&db, "94/943/", &["bốn"]).await,
        note(&db, "94/943/31534/", &["năm", "sáu"]).await,
    ];
    (db, blocks)
}

#[tokio::test]
async fn each_commit_is_sealed_and_the_chain_is_sound() {
    for place in Place::all().await {
        let (db, blocks) = three_blocks(&place).await;
        let verdict = verify(&db).await;
        assert!(verdict.is_sound(), "{:?}", verdict.faults);
        assert_eq!((verdict.blocks, verdict.entries, verdict.unsealed), (3, 6, 0));
        let mut conn = db.read().await.unwrap();
        assert_eq!(verdict.head, journal::head(&mut conn).await.unwrap());
        assert_eq!(journal::sealed(&mut conn, blocks[1][0]).await.unwrap(), Sealed::Sound(2));
        let later = journal::verify(&mut conn, 3, &[]).await.unwrap();
        assert_eq!((later.blocks, later.entries, later.is_sound()), (1, 2, true), "from a block on");
    }
}

#[tokio::test]
async fn what_did_not_go_through_leaves_no_block() {
    for place in Place::all().await {
        let (db, _) = three_blocks(&place).await;
        let refused = db
            .write(|tx| {
                Box::pin(async move {
                    let record = Noted { id: Id::fresh(), path: Path::root(), version: 0, words: "không".to_owned() };
                    let by = Authority { account: None, name: "Mai".to_owned(), on_behalf_of: None };
                    journal::write(
                        tx,
                        &by,
                        "check.note",
                        &record,
                        record.uuid(),
                        None,
                        &SavedFields::between(None, &record)?,
                    )?;
                    Err::<(), _>(Problem::refused("check.no"))
                })
            })
            .await;
        assert!(refused.is_err());
        let verdict = verify(&db).await;
        assert_eq!((verdict.blocks, verdict.entries, verdict.is_sound()), (3, 6, true));
    }
}

#[tokio::test]
async fn two_processes_make_one_chain() {
    let Some(place) = Place::postgres().await else { return };
    let (one, other) = (open(&place).await, open(&place).await);
    let writes = (0..40).map(|turn| {
        let db = if turn % 2 == 0 { one.clone() } else { other.clone() };
        tokio::spawn(async move { note(&db, "94/941/", &["một", "hai"]).await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap();
    }
    let verdict = verify(&one).await;
    assert!(verdict.is_sound(), "{:?}", verdict.faults);
    assert_eq!(verdict.entries, 80, "every row is in exactly one block");
}

#[tokio::test]
async fn a_changed_row_is_found() {
    for place in Place::all().await {
        for (field, value) in
            [("reason", "khác"), ("actor_name", "Lan"), ("verb", "check.other"), ("changed", "{}"), ("path", "94/")]
        {
            let fresh = place_again(&place).await;
            let (db, blocks) = three_blocks(&fresh).await;
            let id = blocks[0][1];
            let sql = match field {
                "reason" => "update journal set reason = $3 where tenant = $1 and id = $2",
                "actor_name" => "update journal set actor_name = $3 where tenant = $1 and id = $2",
                "verb" => "update journal set verb = $3 where tenant = $1 and id = $2",
                "changed" => "update journal set changed = $3 where tenant = $1 and id = $2",
                _ => "update journal set path = $3 where tenant = $1 and id = $2",
            };
            tamper(&db, sql, vec![id.into(), value.into()]).await;
            assert_eq!(faults(&db).await, [Fault::EntryChanged { block: 1, place: 2, id }], "{field}");
            assert_eq!(journal::sealed(&mut db.read().await.unwrap(), id).await.unwrap(), Sealed::Broken(1));
        }
    }
}

/// Another fresh database of the same engine.
async fn place_again(place: &Place) -> Place {
    if place.options.url.starts_with("sqlite:") { Place::sqlite() } else { Place::postgres().await.unwrap() }
}

#[tokio::test]
async fn a_row_that_was_made_to_fit_its_own_hash_is_found() {
    for place in Place::all().await {
        let (db, blocks) = three_blocks(&place).await;
        // A whole row of one block in the place of a row of another: each is sound in itself.
        let (a, b) = (blocks[0][2], blocks[1][0]);
        tamper(&db, "update journal set place = 99 where tenant = $1 and id = $2", vec![a.into()]).await;
        tamper(&db, "update journal set block = 1, place = 3 where tenant = $1 and id = $2", vec![b.into()]).await;
        tamper(&db, "update journal set block = 2, place = 1 where tenant = $1 and id = $2", vec![a.into()]).await;
        assert_eq!(faults(&db).await, [Fault::EntriesExchanged { block: 1 }, Fault::EntriesExchanged { block: 2 }]);
    }
}

#[tokio::test]
async fn a_removed_row_is_found() {
    for place in Place::all().await {
        let (db, blocks) = three_blocks(&place).await;
        for id in [blocks[0][1], blocks[1][0], blocks[2][1]] {
            tamper(&db, "delete from journal where tenant = $1 and id = $2", vec![id.into()]).await;
        }
        assert_eq!(
            faults(&db).await,
            [
                Fault::EntryRemoved { block: 1, place: 2 },
                Fault::EntryRemoved { block: 2, place: 1 },
                Fault::EntryRemoved { block: 3, place: 2 }
            ]
        );
    }
}

const COPY: &str = "insert into journal (tenant, id, at, actor_name, verb, path, record, record_id, about_id, changed, hash, block, place)
                    select tenant, $3, at, actor_name, verb, path, record, record_id, about_id, changed, hash, $4, $5
                    from journal where tenant = $1 and id = $2";

#[tokio::test]
async fn an_inserted_row_is_found() {
    for place in Place::all().await {
        let (db, blocks) = three_blocks(&place).await;
        let (inside, beyond, outside) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        for (id, block, at) in [(inside, Some(2_i64), Some(2_i64)), (beyond, Some(9), Some(1)), (outside, None, None)] {
            tamper(&db, COPY, vec![blocks[0][0].into(), id.into(), block.into(), at.into()]).await;
        }
        let faults = faults(&db).await;
        assert!(faults.contains(&Fault::EntryInserted { block: Some(2), id: inside }), "{faults:?}");
        assert!(faults.contains(&Fault::EntryInserted { block: Some(9), id: beyond }), "{faults:?}");
        assert!(faults.contains(&Fault::EntryInserted { block: None, id: outside }), "{faults:?}");
    }
}

#[tokio::test]
async fn reordered_rows_are_found() {
    for place in Place::all().await {
        let (db, blocks) = three_blocks(&place).await;
        let (second, third) = (blocks[0][1], blocks[0][2]);
        tamper(&db, "update journal set place = 99 where tenant = $1 and id = $2", vec![second.into()]).await;
        tamper(&db, "update journal set place = 2 where tenant = $1 and id = $2", vec![third.into()]).await;
        tamper(&db, "update journal set place = 3 where tenant = $1 and id = $2", vec![second.into()]).await;
        assert_eq!(faults(&db).await, [Fault::EntryMoved { block: 1, place: 3, id: second }]);
    }
}

#[tokio::test]
async fn a_changed_or_removed_block_is_found() {
    for place in Place::all().await {
        let (db, _) = three_blocks(&place).await;
        tamper(
            &db,
            "update journal_block set entries_hash = $2 where tenant = $1 and number = 1",
            vec![vec![7_u8; 32].into()],
        )
        .await;
        tamper(&db, "delete from journal_block where tenant = $1 and number = 2", vec![]).await;
        assert_eq!(faults(&db).await, [Fault::BlockChanged { block: 1 }, Fault::BlockRemoved { block: 2 }]);
        let fresh = place_again(&place).await;
        let db = three_blocks(&fresh).await.0;
        tamper(
            &db,
            "update journal_block set hash = previous_hash, previous_hash = hash where tenant = $1 and number = 2",
            vec![],
        )
        .await;
        let faults = faults(&db).await;
        assert!(
            faults.contains(&Fault::BlockChanged { block: 2 }) && faults.contains(&Fault::ChainBroken { block: 3 }),
            "{faults:?}"
        );
    }
}

#[tokio::test]
async fn senseless_numbers_do_not_keep_the_walk_going() {
    for place in Place::all().await {
        let (db, _) = three_blocks(&place).await;
        tamper(&db, "update journal_block set entries = $2 where tenant = $1 and number = 1", vec![i64::MAX.into()])
            .await;
        tamper(&db, "update journal_block set number = $2 where tenant = $1 and number = 3", vec![i64::MAX.into()])
            .await;
        let verdict = verify(&db).await;
        assert_eq!(verdict.faults.first(), Some(&Fault::BlockChanged { block: 1 }));
        assert!(verdict.faults.contains(&Fault::BlockRemoved { block: 3 }), "{:?}", verdict.faults);
    }
}

#[tokio::test]
async fn a_cut_tail_is_found_against_a_published_hash() {
    for place in Place::all().await {
        let (db, _) = three_blocks(&place).await;
        let head = journal::head(&mut db.read().await.unwrap()).await.unwrap().unwrap();
        let published: Published = head.to_string().parse().unwrap();
        let in_short: Published = format!("{}: {}", head.number, head.short().to_uppercase()).parse().unwrap();
        let all = [published.clone(), in_short.clone()];
        assert!(journal::verify(&mut db.read().await.unwrap(), 1, &all).await.unwrap().is_sound());
        tamper(&db, "delete from journal where tenant = $1 and block = 3", vec![]).await;
        tamper(&db, "delete from journal_block where tenant = $1 and number = 3", vec![]).await;
        assert_eq!(faults(&db).await, [Fault::EndDiffers { block: 2, noted: 3 }], "a clumsy cut");
        tamper(
            &db,
            "update journal_head set number = 2, hash = (select hash from journal_block where tenant = $1 and number = 2) where tenant = $1",
            vec![],
        )
        .await;
        assert!(verify(&db).await.is_sound(), "the rest is a sound chain: only what was published tells");
        let verdict = journal::verify(&mut db.read().await.unwrap(), 1, &all).await.unwrap();
        assert_eq!(
            verdict.faults,
            [Fault::PublishedCut { block: 3, last: 2 }, Fault::PublishedCut { block: 3, last: 2 }]
        );
        // Something else was written since: the number is there again, its hash is not.
        note(&db, "94/941/", &["bảy"]).await;
        let verdict = journal::verify(&mut db.read().await.unwrap(), 1, &all).await.unwrap();
        assert_eq!(verdict.faults, [Fault::PublishedDiffers { block: 3 }, Fault::PublishedDiffers { block: 3 }]);
    }
}

#[tokio::test]
async fn what_an_older_program_wrote_is_sealed_once() {
    for place in Place::all().await {
        let (db, _) = three_blocks(&place).await;
        for sql in [
            "update journal set block = null, place = null where tenant = $1",
            "delete from journal_block where tenant = $1",
            "delete from journal_head where tenant = $1",
        ] {
            tamper(&db, sql, vec![]).await;
        }
        let verdict = verify(&db).await;
        assert_eq!((verdict.unsealed, verdict.blocks, verdict.is_sound()), (6, 0, true));
        assert_eq!(seal::seal_old(&db).await.unwrap(), 6);
        assert_eq!(seal::seal_old(&db).await.unwrap(), 0);
        note(&db, "94/941/", &["bảy"]).await;
        let verdict = verify(&db).await;
        assert!(verdict.is_sound(), "{:?}", verdict.faults);
        assert_eq!((verdict.blocks, verdict.entries, verdict.unsealed), (2, 7, 0));
    }
}

#[tokio::test]
async fn a_list_keeps_to_its_reach_and_goes_on_where_it_ended() {
    for place in Place::all().await {
        let (db, _) = three_blocks(&place).await;
        let mut conn = db.read().await.unwrap();
        let reach = |path: &str| [Reach { path: Path::parse(path).unwrap(), breadth: Breadth::Subtree }];
        let cases: [(&str, Wanted, &str); 6] = [
            ("94/", Wanted::default(), "sáu năm bốn ba hai một"),
            ("94/943/", Wanted::default(), "sáu năm bốn"),
            ("94/", Wanted { unit: Path::parse("94/941/").ok(), ..Wanted::default() }, "ba hai một"),
            ("94/943/", Wanted { unit: Path::parse("94/941/").ok(), ..Wanted::default() }, ""),
            ("94/", Wanted { words: Some("ă".to_owned()), person: Some("Mai".to_owned()), ..Wanted::default() }, "năm"),
            ("94/", Wanted { words: Some("%".to_owned()), ..Wanted::default() }, ""),
        ];
        for (path, wanted, expected) in cases {
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let page = journal::list(&mut conn, &reach(path), &wanted, after, 2).await.unwrap();
                let Some(last) = page.last() else { break };
                after = After::parse(&After::of(last).text());
                found.extend(page.iter().map(|entry| entry.reason.clone().unwrap()));
            }
            assert_eq!(found.join(" "), expected, "{path} {wanted:?}");
        }
    }
}
