! flags: -std=legacy
! Where statements leave a unit: every sequence of a few, and what is in the file in the end. (Without
! -std=legacy gfortran refuses a WRITE behind the endfile record.)
program p
  call sequences('formatted', 'WRBEZ', 4, 0)
  call sequences('formatted', 'WRBEZ', 4, 2)
  call sequences('formatted', 'WRBANEZDLlMQ', 3, 2)
  call sequences('formatted', 'WRNEACaOI', 3, 1)
  call sequences('unformatted', 'WRBEZ', 4, 0)
  call sequences('unformatted', 'WRBEZSC', 4, 2)
  call sequences('direct', 'aywzNBEZK', 3, 0)
  call last_line
  call last_record
  call streams
  call no_file
  call other_file
end program
! With so many records to begin with, between which the unit stands.
subroutine sequences(form, alphabet, length, records)
  character(*) form, alphabet
  integer length, records, code, steps, k, at
  character(8) ops
  do steps = 1, length
    do code = 0, len(alphabet)**steps - 1
      do k = 1, steps
        at = mod(code / len(alphabet)**(k - 1), len(alphabet)) + 1
        ops(k:k) = alphabet(at:at)
      end do
      ! gfortran loses the place of an ENDFILE that follows a READ, and refuses a READ behind `$`.
      if (index(ops(1:steps), 'RE') + index(ops(1:steps), 'NE') + index(ops(1:steps), 'LE') &
          + index(ops(1:steps), 'QE') > 0) cycle
      if (index(ops(1:steps), 'D') * scan(ops(1:steps), 'RNLQ') > 0) cycle
      call sequence(form, ops(1:steps), records)
    end do
  end do
end subroutine
subroutine sequence(form, ops, records)
  character(*) form, ops
  integer records, k, ios, at, j
  character(4) c, d
  character(10) where
  character(300) line
  if (form == 'direct') then
    open(10, file='t.dat', form='formatted', status='replace', access='direct', recl=4)
  else
    open(10, file='t.dat', form=form, status='replace')
  end if
  do k = 1, records
    if (form == 'formatted') write(10,'(a1,i1)') 'i', k
    if (form == 'unformatted') write(10) 'i  ', char(48 + k)
  end do
  if (records > 1) backspace 10
  line = form(1:1)
  at = 3
  do k = 1, len(ops)
    c = '????'
    d = '????'
    ios = 0
    select case (ops(k:k))
    case ('W')
      if (form == 'formatted') write(10,'(a1,i1)',iostat=ios) 'w', k
      if (form == 'unformatted') write(10,iostat=ios) 'wor', char(48 + k)
    case ('R')
      if (form == 'formatted') read(10,'(a)',iostat=ios) c
      if (form == 'unformatted') read(10,iostat=ios) c
    case ('S'); read(10,iostat=ios) c, d
    case ('B'); backspace(10,iostat=ios)
    case ('E'); endfile(10,iostat=ios)
    case ('Z'); rewind(10,iostat=ios)
    case ('A'); write(10,'(a1,i1)',advance='no',iostat=ios) 'a', k
    case ('N')
      if (form == 'direct') inquire(10, nextrec=ios)
      if (form == 'formatted') read(10,'(a1)',advance='no',iostat=ios) c(1:1)
    case ('I'); inquire(10, size=ios)
    case ('O'); open(10)
    case ('C'); close(10); open(10, file='t.dat', form=form)
    case ('a'); if (form == 'direct') read(10,'(a)',rec=1,iostat=ios) c
      if (form == 'formatted') then
        close(10)
        open(10, file='t.dat', position='append')
        inquire(10, position=where)
        c = where(1:4)
      end if
    case ('y'); read(10,'(a1/a)',rec=2,iostat=ios) c, d
    case ('w'); write(10,'(a1,i1)',rec=1,iostat=ios) 'w', k
    case ('z'); write(10,'(a1,i1/a1)',rec=2,iostat=ios) 'z', k, '/'
    case ('K'); close(10); open(10, file='t.dat', form='formatted', access='direct', recl=3)
    case ('M'); write(10,'(a1,i1/a1,i1)',iostat=ios) 'm', k, 'n', k
    case ('D'); write(10,'(a1,i1,$)',iostat=ios) 'd', k
    case ('L'); read(10,*,iostat=ios) c
    case ('l'); write(10,*,iostat=ios) 'l', k
    case ('Q'); read(10,'(a/a)',iostat=ios) c, d
    end select
    write(line(at:),'(a1,i0,1x,a,1x,a,a1)') ops(k:k), ios, c, d, ';'
    at = len_trim(line) + 2
  end do
  close(10)
  open(10, file='t.dat', form='unformatted', access='stream')
  do k = 1, 80
    read(10,iostat=ios) c(1:1)
    if (ios /= 0) exit
    j = ichar(c(1:1))
    if (j < 32) c(1:1) = char(j + 96)
    line(at:at) = c(1:1)
    at = at + 1
  end do
  close(10, status='delete')
  print '(a)', trim(line)
end subroutine
! A last record without an end.
subroutine last_line
  character(4) c
  integer k, ios, j, l, m, n
  do k = 1, 15
    open(10, file='n.dat', access='stream', form='unformatted', status='replace')
    write(10) '12 34', char(10), '5 6'
    close(10)
    if (k < 12) open(10, file='n.dat')
    if (k >= 12) open(10, file='n.dat', access='stream', form='formatted')
    l = -1; j = -1; m = -1; c = '????'
    read(10,'(i3)',iostat=ios) j
    select case (k)
    case (1); read(10,'(i3)',iostat=ios) j
    case (2); read(10,'(i1,i3)',iostat=ios) j, l
    case (3); read(10,'(i1,i3/i3)',iostat=ios) j, l, m
    case (4); read(10,'(t3,i1)',iostat=ios) j
    case (5); read(10,'(t7,i1)',iostat=ios) j
    case (6); read(10,'()',iostat=ios)
    case (7); read(10,'(a1)',advance='no',iostat=ios) c
    case (8); read(10,'(i1)',iostat=ios) j
    case (9); read(10,'(2x,i6)',iostat=ios) j, l
    case (10); read(10,*,iostat=ios) j, l
    case (11); read(10,*,iostat=ios) j, l, m
    case (12); read(10,'(a1)',iostat=ios) c
    case (13); read(10,'(a)',iostat=ios) c
    case (14); read(10,*,iostat=ios) j, l
    case (15); read(10,'(a2)',advance='no',iostat=ios) c
    end select
    print *, k, ios, j, l, m, c
    read(10,'(i3)',iostat=ios) j
    print *, k, ios
    rewind 10
    n = 0
    do
      read(10,'(a)',end=9) c
      n = n + 1
    end do
  9 print *, n, c
    close(10)
  end do
end subroutine
! An item that a record has too little for.
subroutine last_record
  integer i(3), ios
  open(10, form='unformatted', status='scratch')
  write(10) 1, 2
  write(10) 3, 4
  rewind 10
  i = 0
  read(10,iostat=ios) i
  print *, ios, i
  i = 0
  read(10,iostat=ios) i(2:2), i(1), i(3)
  print *, ios, i
  close(10)
  open(10, form='unformatted', status='scratch', access='direct', recl=8)
  write(10,rec=1) 5, 6
  i = 0
  read(10,rec=1,iostat=ios) i
  print *, ios, i
  close(10)
end subroutine
subroutine streams
  character(4) c
  integer i, j
  open(32, access='stream', form='unformatted', status='scratch')
  write(32) 'abcd', 'efgh', 'ijkl'
  backspace(32,iostat=i); print *, i
  read(32,pos=5,iostat=i) c; print *, i, c
  endfile(32,iostat=i); print *, i
  read(32,iostat=i) c; print *, i
  rewind(32,iostat=i); print *, i
  read(32,iostat=i) c; print *, i, c
  write(32) 'XY'
  read(32,iostat=i) c(1:2); print *, i, c
  inquire(32, pos=j, size=i); print *, i, j
  close(32)
  open(33, access='stream', form='formatted', status='scratch')
  write(33,'(a)') 'abcd', 'efgh', 'ijkl'
  backspace 33
  read(33,'(a)',iostat=i) c; print *, i, c
  read(33,'(a)',iostat=i) c; print *, i
  backspace 33
  backspace 33
  read(33,'(a)',iostat=i) c; print *, i, c
  rewind 33
  read(33,'(a)',iostat=i) c; print *, i, c
  write(33,'(a)',iostat=i) 'XY'; print *, i
  read(33,'(a)',iostat=i) c; print *, i
  read(33,'(a)',pos=6,iostat=i) c; print *, i, c
  endfile 33
  write(33,'(a)',pos=3,iostat=i) 'Z'
  rewind 33
  read(33,'(a)',iostat=i) c; print *, i, c
  read(33,'(a)',iostat=i) c; print *, i
  close(33)
end subroutine
! Units that nobody opened, and what no unit of direct access does.
subroutine no_file
  character(4) c
  logical l
  integer i, m
  m = -3
  backspace(21,iostat=i); inquire(21,opened=l); print *, 'B', i, l
  endfile(22,iostat=i); inquire(22,opened=l); print *, 'E', i, l
  close(22, status='delete')
  rewind(23,iostat=i); inquire(23,opened=l); print *, 'Z', i, l
  inquire(file='fort.23',exist=l); print *, l
  read(24,*,iostat=i) j; inquire(24,opened=l); print *, 'R', i, l
  close(24, status='delete')
  backspace(m,iostat=i); print *, i
  endfile(m,iostat=i); print *, i
  rewind(m,iostat=i); print *, i
  close(m,iostat=i); print *, i
  open(31, access='direct', recl=4, form='unformatted', status='scratch')
  write(31,rec=1) 'abcd'
  backspace(31,iostat=i); print *, i
  endfile(31,iostat=i); print *, i
  rewind(31,iostat=i); print *, i
  read(31,rec=1,iostat=i) c; print *, i, c
  close(31)
end subroutine
! What was said of a unit's file does not hold for its next.
subroutine other_file
  integer i, j
  open(41, file='o.dat', status='replace')
  write(41,*) 5
  close(41)
  open(41, file='o.dat', action='read', position='append')
  write(41,*,iostat=i) 1
  print *, i
  read(41,*,iostat=i) j
  print *, i
  close(41, status='delete')
  write(41,*,iostat=i) 7
  print *, i
  rewind 41
  read(41,*,iostat=i) j
  print *, i, j
  close(41, status='delete')
end subroutine
